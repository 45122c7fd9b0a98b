using System.Net;
using Microsoft.Extensions.Logging;

namespace Providers.OpenAI;

/// <summary>The provider's own HTTP client: one pool of connections, the guard over it, the key and the query over that.</summary>
internal static class OpenAIHttp
{
    public static HttpClient Create(OpenAIPlan plan, RateLimits limits, ILogger logger, TimeProvider clock)
    {
        SocketsHttpHandler sockets = new()
        {
            ConnectTimeout = plan.ConnectTimeout,
            MaxConnectionsPerServer = plan.MaxConnections,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = plan.IsLocal ? TimeSpan.FromSeconds(4) : TimeSpan.FromMinutes(1), // llama.cpp's servers close after 5 s, some hold a worker until then
            AllowAutoRedirect = false, // a redirect would turn a POST into a GET
            AutomaticDecompression = DecompressionMethods.All,
            UseCookies = false,
        };
        return new HttpClient(new RequestShaper(plan, new GuardHandler(plan, limits, logger, clock, sockets))) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
