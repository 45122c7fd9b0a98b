using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Providers.Conformance.Orchestration;
using Providers.Memory;

namespace Providers.Orchestration.Tests;

/// <summary>An engine over a store that outlives it.</summary>
internal sealed class Orchestra : IWorkflowStage
{
    private readonly Action<IServiceCollection>? _more;
    private readonly Action<WorkflowOptions>? _options;
    private ServiceProvider _services;

    public Orchestra(IMemoryStore? store = null, Action<IServiceCollection>? more = null, Action<WorkflowOptions>? options = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        Store = store ?? new InMemoryStore(clock: Time);
        _more = more;
        _options = options;
        _services = Build();
    }

    public FakeTimeProvider Time { get; }

    public IMemoryStore Store { get; }

    public Actors Actors { get; } = new();

    public ConcurrentQueue<string> Log => Actors.Log;

    public ConcurrentDictionary<string, int> Failures => Actors.Failures;

    public IWorkflowEngine Engine => _services.GetRequiredService<IWorkflowEngine>();

    public string Tenant => "acme";

    public string OtherTenant => "other";

    private IHostedService Hosted => _services.GetServices<IHostedService>().Single(static s => s is WorkflowEngine);

    public Task StartHostAsync() => Hosted.StartAsync(CancellationToken.None);

    public Task StopHostAsync() => Hosted.StopAsync(CancellationToken.None);

    public async Task ChangeHostAsync(string workflowId)
    {
        await _services.DisposeAsync();
        _services = Build();
        await StartHostAsync();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private ServiceProvider Build()
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time).AddSingleton(Store).AddMemory().AddOrchestration(_options);
        Actors.Add(services, _ => Actors);
        _more?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
