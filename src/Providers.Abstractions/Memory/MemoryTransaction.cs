namespace Providers.Memory;

/// <summary>A batch of changes in one scope: all of them happen, or none.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Operations">The changes, 1 to 1,000, carried out in order; each memory changed at most once, links apart.</param>
public sealed record MemoryTransaction(MemoryScope Scope, IReadOnlyList<MemoryOperation> Operations)
{
    /// <summary>Gets the key that makes repeating safe: the same key with the same changes gives the first outcome again and changes nothing.</summary>
    /// <value>1 to 128 printable ASCII characters, kept for 24 hours; <see langword="null"/> (the default): none.</value>
    public string? IdempotencyKey { get; init; }

    /// <summary>Gets what stands for the changes when the key is used again, for those who complete a caller's changes: a vector embedded twice is not the same twice.</summary>
    /// <value>Up to 128 characters; <see langword="null"/> (the default): the changes stand for themselves.</value>
    public string? Fingerprint { get; init; }

    /// <summary>Gets whether the versions that upserts and patches replace are kept, for <see cref="IMemoryStore.GetHistoryAsync"/>.</summary>
    /// <value>Default: <see langword="false"/>. At most 100 versions of a memory are kept, the oldest go first; deleting a memory takes them with it.</value>
    public bool KeepHistory { get; init; }
}

/// <summary>What became of a transaction.</summary>
/// <param name="Outcomes">One per operation, in order.</param>
/// <param name="Replayed">Whether the idempotency key had been used, so that nothing was changed now.</param>
public sealed record MemoryTransactionResult(IReadOnlyList<MemoryOutcome> Outcomes, bool Replayed = false);

/// <summary>What became of one change.</summary>
/// <param name="Change">What happened.</param>
/// <param name="Id">The memory's id; of a link, the memory it begins at.</param>
/// <param name="Version">Its version now; 0 when it is gone, and for an unlinking.</param>
public sealed record MemoryOutcome(MemoryChange Change, string Id, long Version);

/// <summary>What a change did.</summary>
public enum MemoryChange
{
    /// <summary>The memory is new.</summary>
    Created,

    /// <summary>The memory has a new version, or another vector.</summary>
    Updated,

    /// <summary>The memory is gone.</summary>
    Deleted,

    /// <summary>There was nothing to delete, or no such link to take away.</summary>
    NotFound,

    /// <summary>The link is there.</summary>
    Linked,

    /// <summary>The link is gone.</summary>
    Unlinked,
}
