using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;
using Providers.Tools;

namespace Providers.Mcp.Benchmarks;

/// <summary>The servers under measurement: an echo on the bare SDK, the same echo through our binding, and our memory.</summary>
internal static class Servers
{
    public static async Task StdioAsync(string kind, string database)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        IMcpServerBuilder mcp = Register(builder.Services, kind, database);
        _ = kind == "bare" ? mcp.WithStdioServerTransport() : mcp.WithGuardedStdioTransport();
        await builder.Build().RunAsync();
    }

    public static async Task<WebApplication> HttpAsync(string kind, string database)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static o => o.Listen(IPAddress.Loopback, 0));
        IMcpServerBuilder mcp = Register(builder.Services, kind, database);
        _ = kind == "bare" ? mcp.WithHttpTransport(static o => o.SessionMode = HttpServerSessionMode.StatefulForInitializeClients) : mcp.WithGuardedHttpTransport();
        WebApplication app = builder.Build();
        _ = kind == "bare" ? app.MapMcp("/mcp") : app.MapGuardedMcp("/mcp");
        await app.StartAsync();
        return app;
    }

    private static IMcpServerBuilder Register(IServiceCollection services, string kind, string database)
    {
        IMcpServerBuilder mcp = services.AddMcpServer();
        if (kind == "bare")
        {
            return mcp.WithTools([McpServerTool.Create(Echo, new McpServerToolCreateOptions { Name = "echo", Description = "Echoes.", UseStructuredContent = true })]);
        }

        mcp.WithDoorOptions(static o =>
        {
            o.CallsPerMinute = 10_000_000;
            o.Burst = 10_000_000;
        });
        if (kind == "memory")
        {
            services.AddSqliteMemory(database);
            return mcp.WithMemoryTools();
        }

        services.AddSingleton<IToolset>(new EchoToolset());
        return mcp.WithToolset("echo");
    }

    private static EchoResult Echo(string message) => new(message);

    internal sealed record EchoResult(string Message);

    private sealed class EchoToolset : IToolset
    {
        public string Name => "echo";

        public IReadOnlyList<AIFunction> Tools { get; } = [AIFunctionFactory.Create(Echo, "echo", "Echoes.")];
    }
}
