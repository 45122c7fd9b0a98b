using ModelContextProtocol.Server;

namespace Providers.Mcp.Sampling;

/// <summary>The session whose call is being carried out, for what lies below the tool: a model of the client's is only there while the client calls.</summary>
internal static class CurrentServer
{
    private static readonly AsyncLocal<McpServer?> s_server = new();

    public static McpServer? Value => s_server.Value;

    public static async ValueTask<T> RunAsync<T>(McpServer server, Func<ValueTask<T>> call)
    {
        s_server.Value = server; // an async method's changes end with it
        return await call().ConfigureAwait(false);
    }
}
