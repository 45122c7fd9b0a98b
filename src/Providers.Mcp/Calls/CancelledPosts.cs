using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Providers.Mcp.Calls;

/// <summary>Ends the HTTP response of a request that was taken back: such a request gets no answer, and its response would otherwise stay open as long as the session.</summary>
internal static class CancelledPosts
{
    public static McpMessageHandler Close(McpMessageHandler next) => async (context, cancellationToken) =>
    {
        try
        {
            await next(context, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && context.JsonRpcMessage is JsonRpcRequest { Context.RelatedTransport: { } post })
        {
            await post.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    };
}
