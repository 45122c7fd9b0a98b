using ModelContextProtocol.Client;
using Providers.Mcp.Clients;

namespace Microsoft.Extensions.AI;

/// <summary>Brings the tools of MCP servers into a chat pipeline.</summary>
public static class McpToolsChatClientBuilderExtensions
{
    /// <summary>Adds the tools of MCP servers to every request. Put it above <c>UseFunctionInvocation</c>, which calls them, and both above a composite.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="clients">The servers' clients; whoever made them disposes them.</param>
    /// <param name="filter">Which tools a model may have; <see langword="null"/>: all. What a server says of its tools is that server's word.</param>
    /// <returns>The pipeline.</returns>
    /// <remarks>A request's own tools go first; a name that two servers have is put behind the second one's name.</remarks>
    public static ChatClientBuilder UseMcpTools(this ChatClientBuilder builder, IEnumerable<McpClient> clients, Func<McpClientTool, bool>? filter = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(clients);
        return builder.Use(inner => new McpToolsChatClient(inner, clients, filter));
    }
}
