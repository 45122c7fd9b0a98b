using System.Net;
using Microsoft.Extensions.Logging;

namespace Providers.Http;

/// <summary>Makes HTTP clients that speak to one model server through the guard.</summary>
public static class GuardedHttp
{
    /// <summary>Makes a client with a connection pool of its own, so that no handler a host adds to its other clients (retries, 10-second timeouts) gets between.</summary>
    /// <param name="options">The guard's options; copied.</param>
    /// <param name="clock">The clock of all timers; <see langword="null"/>: the system's.</param>
    /// <param name="logger">Told of keys that are refused; <see langword="null"/>: nobody is.</param>
    /// <returns>The client, without a timeout of its own; disposing it closes its connections.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static HttpClient CreateClient(GuardOptions options, TimeProvider? clock = null, ILogger? logger = null)
    {
        return new HttpClient(CreateHandler(options, clock, logger)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Makes a guard with a connection pool of its own, for an adapter that puts handlers of its own over it.</summary>
    /// <param name="options">The guard's options; copied.</param>
    /// <param name="clock">The clock of all timers; <see langword="null"/>: the system's.</param>
    /// <param name="logger">Told of keys that are refused; <see langword="null"/>: nobody is.</param>
    /// <returns>The guard; give the client over it an infinite timeout. Disposing it closes its connections.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static GuardHandler CreateHandler(GuardOptions options, TimeProvider? clock = null, ILogger? logger = null) =>
        new(options, clock, logger) { InnerHandler = CreateSockets(options, clock) };

    internal static SocketsHttpHandler CreateSockets(GuardOptions options, TimeProvider? clock) => new()
    {
        // The connector's timer ends with the socket; this one, with room for it, covers the TLS handshake.
        ConnectTimeout = options.ConnectTimeout == Timeout.InfiniteTimeSpan ? options.ConnectTimeout : options.ConnectTimeout * 2,
        ConnectCallback = new Connector(options, clock ?? TimeProvider.System).ConnectAsync,
        PooledConnectionLifetime = options.PooledConnectionLifetime,
        PooledConnectionIdleTimeout = options.PooledConnectionIdleTimeout,
        MaxConnectionsPerServer = options.MaxConnections,
        AllowAutoRedirect = false, // a redirect would turn a POST into a GET, and carry the key elsewhere
        AutomaticDecompression = DecompressionMethods.All,
        UseCookies = false,
        UseProxy = !options.PrivateNetworkOnly, // behind a proxy nobody sees which address is connected to
        Proxy = new OutsideProxy(static () => HttpClient.DefaultProxy),
    };
}
