using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Providers.AspNetCore;

namespace Providers.Gateway.Benchmarks;

/// <summary>Our gateway as a host in production has it: composite, OpenAI adapter, API key, limits, warnings logged.</summary>
internal static class OurGateway
{
    public static async Task<int> RunAsync(string upstream)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseSockets(static o =>
        {
            o.UnsafePreferInlineScheduling = true; // no handler of this host blocks a thread
            o.WaitForDataBeforeAllocatingBuffer = false; // 4 KB for each idle connection, and one system call less for each request
        });
        builder.WebHost.ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddCompositeProvider(c =>
        {
            c.AddOpenAI("up", o =>
            {
                o.Endpoint = new Uri(upstream + "/v1");
                o.ApiKey = "upstream-key";
                o.DefaultModel = "m";
            });
            c.AddRoute("chat", "up/m");
            c.Configure(static o => o.DefaultRoute = "chat");
        });
        string keys = Path.Combine(Path.GetTempPath(), $"gateway-bench-{Environment.ProcessId}.json");
        builder.Services.AddProvidersGateway(o =>
        {
            o.Authentication.KeyFile = keys;
            o.Limits.RequestsPerMinute = 10_000_000;
            o.Limits.TenantRequestsPerMinute = 10_000_000;
            o.Limits.Burst = 1_000_000;
            o.DrainDelay = TimeSpan.Zero;
        });
        WebApplication app = builder.Build();
        app.MapProviders();
        await app.StartAsync();
        (string secret, _) = await ApiKeyIssuer.IssueAsync(app.Services.GetRequiredService<IApiKeyStore>(), "bench", GatewayScopes.Chat);
        File.Delete(keys);
        Console.WriteLine($"key {secret}");
        Console.WriteLine($"listening {app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}");
        await ((IHost)app).WaitForShutdownAsync();
        return 0;
    }
}
