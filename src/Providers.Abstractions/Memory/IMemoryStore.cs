namespace Providers.Memory;

/// <summary>Keeps memories. What it acknowledged, it does not forget. Safe for concurrent use.</summary>
/// <remarks>
/// Every call names its scope; there is no look-up by id alone. Expired memories are never returned. Bad input throws
/// <see cref="MemoryValidationException"/>, which lists every error, before anything is changed.
/// </remarks>
public interface IMemoryStore
{
    /// <summary>Carries out a batch of changes, all or none.</summary>
    /// <param name="transaction">The changes.</param>
    /// <param name="cancellationToken">Gives up waiting; the changes may still happen when they had begun. Repeating with the same idempotency key is safe.</param>
    /// <returns>What became of each.</returns>
    /// <exception cref="MemoryConflictException">A memory is not at the version expected, or a memory to change is not there; nothing was changed.</exception>
    /// <exception cref="MemoryValidationException">A change is wrong, or the idempotency key was used for other changes; nothing was changed.</exception>
    ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default);

    /// <summary>Gets one memory.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="id">The id, ordinal and case-sensitive.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The memory; <see langword="null"/> when the scope has none with that id.</returns>
    ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default);

    /// <summary>Lists memories page by page.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="options">Which and how many; <see langword="null"/>: the first 50.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page.</returns>
    /// <exception cref="MemoryValidationException">The cursor was altered, or belongs to another scope or filter.</exception>
    ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Searches by vector, by words, or both.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="query">What to look for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The best matches, best first.</returns>
    ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default);

    /// <summary>Says what a scope holds.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The counts.</returns>
    ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default);

    /// <summary>Removes what has expired, in all scopes.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many memories were removed.</returns>
    ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default);
}
