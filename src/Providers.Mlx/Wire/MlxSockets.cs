namespace Providers.Mlx;

/// <summary>The sockets of one provider. A proxy of the environment must not get requests for this machine.</summary>
internal static class MlxSockets
{
    public static SocketsHttpHandler New(MlxPlan plan) => new()
    {
        ConnectTimeout = plan.ConnectTimeout,
        // The server speaks HTTP/1.0 and closes after each answer; a connection kept until its end is seen would lose the next request.
        PooledConnectionIdleTimeout = TimeSpan.Zero,
        UseProxy = !(plan.BaseUrl?.IsLoopback ?? true),
        UseCookies = false,
        AllowAutoRedirect = false,
    };
}
