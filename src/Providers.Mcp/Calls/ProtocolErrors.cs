using ModelContextProtocol;
using ModelContextProtocol.Server;
using Providers.Tools;

namespace Providers.Mcp.Calls;

/// <summary>Failures of what is no tool, as errors of the protocol.</summary>
internal static class ProtocolErrors
{
    public static McpProtocolException Of(ToolException failure, McpServer server) => failure.Code switch
    {
        ToolErrorCode.NotFound => NotFound(failure.Message, server),
        ToolErrorCode.InvalidInput => new McpProtocolException(failure.Message, McpErrorCode.InvalidParams),
        ToolErrorCode.Unavailable => new McpProtocolException(failure.Message, McpErrorCode.InternalError),
        _ => new McpProtocolException(failure.Message, McpErrorCode.InvalidRequest),
    };

    // The revision of 2026-07-28 has no code of its own for a resource that is not there.
    public static McpProtocolException NotFound(string message, McpServer server) =>
        new(message, string.CompareOrdinal(server.NegotiatedProtocolVersion, "2026-07-28") >= 0 ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound);
}
