using ModelContextProtocol;
using ModelContextProtocol.Protocol;
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

    /// <summary>Around the reading of a resource: an error that is about the address repeats it, as the protocol wishes.</summary>
    public static McpRequestHandler<ReadResourceRequestParams, ReadResourceResult> NamingAddress(McpRequestHandler<ReadResourceRequestParams, ReadResourceResult> next) => async (request, cancellationToken) =>
    {
        try
        {
            return await next(request, cancellationToken).ConfigureAwait(false);
        }
        catch (McpProtocolException e) when (e.ErrorCode is McpErrorCode.ResourceNotFound or McpErrorCode.InvalidParams && request.Params?.Uri is not null)
        {
            e.Data["uri"] = request.Params.Uri;
            throw;
        }
    };
}
