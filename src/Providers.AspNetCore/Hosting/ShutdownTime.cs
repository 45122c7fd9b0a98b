using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Providers.AspNetCore.Hosting;

/// <summary>Gives the host time to drain before it is torn down.</summary>
internal sealed class ShutdownTime(IOptions<GatewayOptions> gateway) : IConfigureOptions<HostOptions>
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5); // for what stops after the drain: stores, telemetry

    public void Configure(HostOptions options)
    {
        TimeSpan needed = gateway.Value.DrainDelay + gateway.Value.DrainTimeout + s_rest;
        if (options.ShutdownTimeout < needed)
        {
            options.ShutdownTimeout = needed;
        }
    }
}
