using System.Net;
using System.Net.Sockets;

namespace Providers.Http;

/// <summary>Makes connections within the connect timer, and only to addresses that are allowed.</summary>
internal sealed class Connector(GuardOptions options, TimeProvider clock)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(options.ConnectTimeout, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (options.PrivateNetworkOnly)
            {
                IPAddress[] addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, either.Token).ConfigureAwait(false);
                IPAddress[] allowed = [.. addresses.Where(EndpointPolicy.IsPrivate)];
                if (allowed is [])
                {
                    throw Fail(FailureKind.BadRequest, $"'{context.DnsEndPoint.Host}' resolves to no private address and PrivateNetworkOnly is on.");
                }

                await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, either.Token).ConfigureAwait(false);
            }
            else
            {
                await socket.ConnectAsync(context.DnsEndPoint, either.Token).ConfigureAwait(false);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw Fail(FailureKind.TimedOut, $"No connection within the connect timeout of {options.ConnectTimeout.TotalSeconds:F1} s.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private ProviderException Fail(FailureKind kind, string message) => new(new ProviderFailure(kind, message), options.Provider);
}
