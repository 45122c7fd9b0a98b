namespace Providers.Orchestration;

/// <summary>Keeps the workflows of one engine.</summary>
internal interface IWorkflowStore : IRunStore
{
    /// <summary>Writes a new workflow; <see langword="false"/>: the tenant has one with that id.</summary>
    ValueTask<bool> CreateAsync(Transition transition, CancellationToken cancellationToken);

    ValueTask<(RunState State, long Version)?> LoadAsync(string tenant, string id, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<WorkflowEvent>> LoadEventsAsync(string tenant, string id, CancellationToken cancellationToken);

    ValueTask<(IReadOnlyList<RunState> States, string? NextCursor)> ListAsync(string tenant, int limit, string? cursor, CancellationToken cancellationToken);

    /// <summary>Says which workflows had not ended when they were last written; a few that have ended may be among them.</summary>
    IAsyncEnumerable<(string Tenant, string Id)> ListOpenAsync(CancellationToken cancellationToken);
}
