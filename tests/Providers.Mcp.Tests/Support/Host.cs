using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using ModelContextProtocol.Server;
using Providers.Memory;
using Providers.Testing;

namespace Providers.Mcp.Tests.Support;

/// <summary>What a host would register: a memory in process behind a switch, a composite of scripted providers, both toolsets.</summary>
internal sealed class Host
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public FakeLogCollector Logs { get; } = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public SwitchedStore Switch { get; private set; } = null!;

    public IMemoryStore Store { get; private set; } = null!;

    public ScriptedProvider Model { get; } = new("scripted", null, new HashingEmbeddingGenerator(8))
    {
        Descriptor = new ProviderDescriptor("scripted", "Scripted") { Models = [new ModelDescriptor("chatty")] },
    };

    /// <summary>Gets what makes the memory behind the switch; whoever gives a store of its own closes it.</summary>
    public Func<TimeProvider, IMemoryStore> Memory { get; init; } = static clock => new InMemoryStore(null, clock);

    public Action<McpDoorOptions>? Door { get; init; }

    public Action<IMcpServerBuilder>? More { get; init; }

    public Action<ICompositeProviderBuilder>? Composite { get; init; }

    public IMcpServerBuilder Register(IServiceCollection services)
    {
        Store = SwitchedStore.Around(Memory(Clock), out SwitchedStore control);
        Switch = control;
        services.AddSingleton(Clock);
        services.AddLogging(l => l.ClearProviders().AddProvider(new FakeLoggerProvider(Logs)).SetMinimumLevel(LogLevel.Debug));
        services.AddSingleton(Store);
        services.AddMemory(static o => o.RecencyWeight = 0);
        services.AddCompositeProvider(c =>
        {
            c.AddProvider("scripted", _ => Model).Configure(static o => o.Health.Enabled = false);
            c.AddRoute("talk", static r => r.Targets.Add(new TargetOptions { Provider = "scripted" }));
            Composite?.Invoke(c);
        });
        IMcpServerBuilder mcp = services.AddMcpServer(static o => o.ServerInfo = new Implementation { Name = "tests", Version = "1" }).WithMemoryTools().WithProviderTools();
        mcp.WithDoorOptions(o =>
        {
            o.Tenant = "acme";
            o.CallsPerMinute = 10_000_000;
            o.Burst = 10_000_000;
            Door?.Invoke(o);
        });
        More?.Invoke(mcp);
        return mcp;
    }

    /// <summary>Everything every tenant of the tests has, to compare before and after.</summary>
    public async Task<string> SnapshotAsync()
    {
        List<string> lines = [];
        foreach (string tenant in (string[])["acme", "umbrella"])
        {
            foreach (string name in (string[])["default", "other"])
            {
                MemoryPage page = await Store.ListAsync(new MemoryScope(tenant, name), new MemoryListOptions { Limit = 200 });
                lines.AddRange(page.Records.Select(r => $"{tenant}/{name}/{r.Id} v{r.Version} {r.Kind} {r.Text} [{string.Join(',', r.Tags)}] {r.Metadata} {r.Importance} {r.Expires:O}"));
            }
        }

        return string.Join('\n', lines);
    }
}
