using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>What a run needs of the place where its workflow is kept: what <see cref="SaveAsync"/> acknowledged survives a crash, all of it or nothing.</summary>
internal interface IRunStore
{
    /// <summary>Writes a state, what led to it and an output, as one. Repeating it is safe.</summary>
    /// <exception cref="WorkflowTakenException">Somebody else has changed the workflow; nothing was written, and nothing may be.</exception>
    ValueTask<long> SaveAsync(Transition transition, long version, (int Step, JsonElement Output)? output, CancellationToken cancellationToken);

    /// <summary>Finds out whether <see cref="SaveAsync"/> wrote a transition although it failed; nothing else may have been written since by this run.</summary>
    /// <returns>The version it was written as; <see langword="null"/>: it was not, and what is kept is still of the given version.</returns>
    /// <exception cref="WorkflowTakenException">Somebody else has changed the workflow.</exception>
    ValueTask<long?> FindAsync(Transition transition, long version, CancellationToken cancellationToken);

    ValueTask<JsonElement?> LoadOutputAsync(string tenant, string id, int step, CancellationToken cancellationToken);

    /// <summary>Forgets that a workflow was open, and marks an ended one for removal after its retention.</summary>
    ValueTask CloseAsync(string tenant, string id, DateTimeOffset? expires, CancellationToken cancellationToken);
}
