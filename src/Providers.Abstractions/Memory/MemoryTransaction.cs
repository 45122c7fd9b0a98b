namespace Providers.Memory;

/// <summary>A batch of changes in one scope: all of them happen, or none.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Operations">The changes, 1 to 1,000, carried out in order; each memory at most once.</param>
public sealed record MemoryTransaction(MemoryScope Scope, IReadOnlyList<MemoryOperation> Operations)
{
    /// <summary>Gets the key that makes repeating safe: the same key with the same changes gives the first outcome again and changes nothing.</summary>
    /// <value>1 to 128 printable ASCII characters, kept for 24 hours; <see langword="null"/> (the default): none.</value>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What became of a transaction.</summary>
/// <param name="Outcomes">One per operation, in order.</param>
/// <param name="Replayed">Whether the idempotency key had been used, so that nothing was changed now.</param>
public sealed record MemoryTransactionResult(IReadOnlyList<MemoryOutcome> Outcomes, bool Replayed = false);

/// <summary>What became of one change.</summary>
/// <param name="Change">What happened.</param>
/// <param name="Id">The memory's id.</param>
/// <param name="Version">Its version now; 0 when it is gone.</param>
public sealed record MemoryOutcome(MemoryChange Change, string Id, long Version);

/// <summary>What a change did.</summary>
public enum MemoryChange
{
    /// <summary>The memory is new.</summary>
    Created,

    /// <summary>The memory has a new version.</summary>
    Updated,

    /// <summary>The memory is gone.</summary>
    Deleted,

    /// <summary>There was nothing to delete.</summary>
    NotFound,
}
