namespace Providers.Mlx;

/// <summary>The sockets of one provider. A proxy of the environment must not get requests for this machine.</summary>
internal static class MlxSockets
{
    public static SocketsHttpHandler New(MlxPlan plan) => new()
    {
        ConnectTimeout = plan.ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseProxy = !(plan.BaseUrl?.IsLoopback ?? true),
        UseCookies = false,
        AllowAutoRedirect = false,
    };
}
