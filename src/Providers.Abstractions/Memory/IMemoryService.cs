namespace Providers.Memory;

/// <summary>The memory as applications use it: embeds what comes without a vector, finds duplicates, ranks what is found. Safe for concurrent use.</summary>
public interface IMemoryService
{
    /// <summary>Gets the store below.</summary>
    IMemoryStore Store { get; }

    /// <summary>Stores one memory; a near-duplicate of one that is there is merged into it where the options say so.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="record">The memory; without a vector it is embedded.</param>
    /// <param name="idempotencyKey">See <see cref="MemoryTransaction.IdempotencyKey"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was stored, or merged into.</returns>
    /// <exception cref="MemoryValidationException">The memory is wrong.</exception>
    ValueTask<MemoryReceipt> StoreAsync(MemoryScope scope, MemoryRecord record, string? idempotencyKey = null, CancellationToken cancellationToken = default);

    /// <summary>Carries out a batch of changes, all or none; new and changed texts without a vector are embedded together.</summary>
    /// <param name="transaction">The changes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What became of each.</returns>
    /// <exception cref="MemoryConflictException">See <see cref="IMemoryStore.ExecuteAsync"/>.</exception>
    /// <exception cref="MemoryValidationException">See <see cref="IMemoryStore.ExecuteAsync"/>.</exception>
    ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default);

    /// <summary>Searches, and ranks by relevance, recency, importance and variety.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="query">What to look for; without a vector its text is embedded where the mode needs one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The best matches, best first.</returns>
    ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default);
}

/// <summary>What became of a memory that was stored.</summary>
/// <param name="Id">Its id; that of the older one it was merged into.</param>
/// <param name="Version">Its version.</param>
/// <param name="Created">Whether it is new.</param>
public sealed record MemoryReceipt(string Id, long Version, bool Created)
{
    /// <summary>Gets the id of the near-duplicate that was there.</summary>
    /// <value><see langword="null"/>: there was none, or none was looked for.</value>
    public string? DuplicateOf { get; init; }
}
