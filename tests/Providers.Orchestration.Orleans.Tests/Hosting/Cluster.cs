using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using Providers.Conformance.Orchestration;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>Silos in this process, with a client; what they keep outlives each of them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Actors> _actors = [];
    private readonly ConcurrentDictionary<string, bool> _dead = [];
    private readonly InProcessTestCluster _inner;

    private Cluster(ClusterSetup setup)
    {
        InProcessTestClusterBuilder builder = new((short)setup.Silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((options, silo) =>
        {
            if (setup.Time is not null)
            {
                silo.Services.AddSingleton(new EngineSurroundings(setup.Time, NullLogger.Instance));
            }

            if (setup.Options is not null)
            {
                silo.Services.Configure(setup.Options);
            }

            Actors.Add(silo.Services, ActorsOf);
            setup.More?.Invoke(options.SiloName, silo.Services);
            silo.Configure<ReminderOptions>(static o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(1));
            silo.Configure<ClusterMembershipOptions>(o => o.ProbeTimeout = setup.ProbeTimeout);
            if (setup.Storage is null)
            {
                silo.Services.AddKeyedSingleton<IGrainStorage>(OrleansWorkflowOptions.StorageName, new CutStorage(Storage, () => _dead.ContainsKey(options.SiloName)));
                silo.AddReminders().Services.AddSingleton<IReminderTable>(Reminders);
            }

            setup.Storage?.Invoke(silo);
            silo.AddOrleansWorkflows(o => o.ReminderSeconds = setup.ReminderSeconds);
        });
        builder.ConfigureClient(static client => client.AddOrleansWorkflows());
        _inner = builder.Build();
    }

    public SharedStorage Storage { get; } = new();

    public SharedReminders Reminders { get; } = new();

    public IWorkflowEngine Engine => _inner.Client.ServiceProvider.GetRequiredService<IWorkflowEngine>();

    public IGrainFactory Grains => _inner.Client;

    public IReadOnlyList<InProcessSiloHandle> Silos => _inner.Silos;

    public static async Task<Cluster> StartAsync(ClusterSetup setup)
    {
        Cluster cluster = new(setup);
        await cluster._inner.DeployAsync();
        return cluster;
    }

    public Actors ActorsOf(string tenant) => _actors.GetOrAdd(tenant, static _ => new Actors());

    public void Share(string tenant, Actors actors) => _actors[tenant] = actors;

    public static GrainId GrainOf(string workflow) => GrainId.Create(WorkflowGrain.Type, workflow);

    /// <summary>The silo in which a workflow runs; <see langword="null"/>: in none.</summary>
    public InProcessSiloHandle? HostOf(string workflow) => _inner.TryGetGrainContext(GrainOf(workflow), out IGrainContext? context) ? _inner.GetSiloForAddress(context.Address.SiloAddress!) : null;

    /// <summary>Ends a silo without last words: what it still writes gets nowhere, as if its process were gone.</summary>
    public Task KillAsync(string silo)
    {
        _dead[silo] = true;
        return _inner.KillSiloAsync(_inner.Silos.Single(s => s.Name == silo));
    }

    /// <summary>Stops the silo of a workflow in good order, and adds a new one.</summary>
    public async Task ReplaceHostAsync(string workflow)
    {
        await _inner.StopSiloAsync(HostOf(workflow) ?? _inner.Silos[0]);
        await _inner.StartAdditionalSiloAsync();
    }

    public Task DeactivateAsync(string workflow) => _inner.DeactivateAsync(GrainOf(workflow));

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}

/// <summary>What a cluster is made of.</summary>
internal sealed record ClusterSetup(int Silos)
{
    public FakeTimeProvider? Time { get; init; }

    public Action<WorkflowOptions>? Options { get; init; }

    /// <summary>Gets what is added to a silo, by its name.</summary>
    public Action<string, IServiceCollection>? More { get; init; }

    /// <summary>Gets where workflows and reminders are kept; <see langword="null"/>: in memory, beside the silos.</summary>
    public Action<ISiloBuilder>? Storage { get; init; }

    public int ReminderSeconds { get; init; } = 60;

    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
