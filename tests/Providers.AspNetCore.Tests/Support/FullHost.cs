using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.AspNetCore.Tests.Support;

/// <summary>A host with everything the package maps.</summary>
internal static class FullHost
{
    public static Task<GatewayHost> StartAsync(Action<GatewayOptions>? configure = null, Action<WebApplicationBuilder>? build = null, string environment = "Development", TimeProvider? clock = null, Action<WebApplication>? map = null) =>
        GatewayHost.StartAsync(["alpha", "beta"], configure, b =>
        {
            b.Services.AddMemory();
            build?.Invoke(b);
        }, map ?? Map, environment, clock);

    public static void Map(WebApplication app)
    {
        app.MapProviders();
        app.MapMemory();
    }
}
