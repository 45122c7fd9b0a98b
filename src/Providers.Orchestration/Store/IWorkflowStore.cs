using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Keeps workflows: what <see cref="SaveAsync"/> acknowledged survives a crash, all of it or nothing.</summary>
internal interface IWorkflowStore
{
    /// <summary>Writes a new workflow; <see langword="false"/>: the tenant has one with that id.</summary>
    ValueTask<bool> CreateAsync(Transition transition, CancellationToken cancellationToken);

    /// <summary>Writes a state, what led to it and an output, in one transaction. Repeating it is safe.</summary>
    ValueTask<long> SaveAsync(Transition transition, long version, (int Step, JsonElement Output)? output, CancellationToken cancellationToken);

    ValueTask<(RunState State, long Version)?> LoadAsync(string tenant, string id, CancellationToken cancellationToken);

    ValueTask<JsonElement?> LoadOutputAsync(string tenant, string id, int step, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<WorkflowEvent>> LoadEventsAsync(string tenant, string id, CancellationToken cancellationToken);

    ValueTask<(IReadOnlyList<RunState> States, string? NextCursor)> ListAsync(string tenant, int limit, string? cursor, CancellationToken cancellationToken);

    /// <summary>Says which workflows had not ended when they were last written; a few that have ended may be among them.</summary>
    IAsyncEnumerable<(string Tenant, string Id)> ListOpenAsync(CancellationToken cancellationToken);

    /// <summary>Forgets that a workflow was open, and marks an ended one for removal after its retention.</summary>
    ValueTask CloseAsync(string tenant, string id, DateTimeOffset? expires, CancellationToken cancellationToken);
}
