using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans;

/// <summary>What the grains of a silo share.</summary>
internal sealed record SiloWorkflows
{
    public required StepRunner Runner { get; init; }

    public required StepRegistry Steps { get; init; }

    public required WorkflowOptions Options { get; init; }

    /// <summary>Gets the room for open workflows in this silo.</summary>
    public required WorkflowRoom Room { get; init; }

    public required EngineSurroundings Surroundings { get; init; }

    public required IGrainStorage Storage { get; init; }

    /// <summary>Gets how often an open workflow is looked after.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Gets the clock for what happens between hosts, which no test moves.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Gets how long one call waits for a workflow to rest; well below the time after which it is given up.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Gets what fires when the host stops, so that nobody who waits holds that up.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Gets what time it is for workflows.</summary>
    public DateTimeOffset Now => Surroundings.Clock.GetUtcNow();

    public TimeSpan Retention => TimeSpan.FromDays(Options.RetentionDays);

    public static SiloWorkflows Of(IServiceProvider services) => new()
    {
        Room = new WorkflowRoom(services.GetRequiredService<IOptions<WorkflowOptions>>().Value.MaxOpenWorkflows),
        Runner = services.GetRequiredService<StepRunner>(),
        Steps = services.GetRequiredService<StepRegistry>(),
        Options = services.GetRequiredService<IOptions<WorkflowOptions>>().Value,
        Surroundings = services.GetRequiredService<EngineSurroundings>(),
        Storage = services.GetRequiredKeyedService<IGrainStorage>(OrleansWorkflowOptions.StorageName),
        Period = TimeSpan.FromSeconds(services.GetRequiredService<IOptions<OrleansWorkflowOptions>>().Value.ReminderSeconds),
        Clock = services.GetRequiredService<TimeProvider>(),
        Stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping,
    };

    public DocumentStore Documents(GrainId grain) => new(Storage, grain);
}
