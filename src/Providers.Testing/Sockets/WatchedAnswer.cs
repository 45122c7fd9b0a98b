using System.Net.Sockets;
using Providers.Testing.Logs;

namespace Providers.Testing.Sockets;

/// <summary>One answer, given while its client is there: when the client leaves, the answer is told and the log says so.</summary>
internal static class WatchedAnswer
{
    /// <summary>Gives the answer.</summary>
    /// <returns>Whether the connection goes on.</returns>
    public static async Task<bool> GiveAsync(WireConnection connection, RequestLog requests, LoggedRequest request, Func<CancellationToken, Task<bool>> answer, CancellationToken stop)
    {
        using CancellationTokenSource left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task watch = WatchAsync(connection, left);
        try
        {
            return await answer(left.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            request.ClientLeft = !stop.IsCancellationRequested;
            return false;
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            requests.End(request);
        }
    }

    private static async Task WatchAsync(WireConnection connection, CancellationTokenSource left)
    {
        await connection.WatchAsync(left.Token).ConfigureAwait(false);
        await left.CancelAsync().ConfigureAwait(false);
    }
}
