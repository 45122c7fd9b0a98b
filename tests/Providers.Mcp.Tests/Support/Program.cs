using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Providers.Mcp.Tests.Support;

internal static class Program
{
    /// <summary>The runner's own way in, or a server over stdio with the memory at a path.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable("MCP_TEST_CHILD") is not { Length: > 0 } path)
        {
            return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
        }

        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddConsole(static o => o.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSqliteMemory(path);
        builder.Services.AddCompositeProvider(static c => c
            .AddProvider("scripted", static _ => new Providers.Testing.ScriptedProvider("scripted", null, new Providers.Testing.HashingEmbeddingGenerator(8)))
            .Configure(static o => o.Health.Enabled = false));
        builder.Services.AddMcpServer().WithMemoryTools().WithProviderTools().WithGuardedStdioTransport().WithDoorOptions(static o => o.Burst = 1_000_000);
        IHost host = builder.Build();
        Task running = host.RunAsync();
        Console.WriteLine("a stray line of somebody who knows nothing of the protocol");
        await running;
        return 0;
    }
}
