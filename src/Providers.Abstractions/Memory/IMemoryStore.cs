namespace Providers.Memory;

/// <summary>Keeps memories. What it acknowledged, it does not forget. Safe for concurrent use.</summary>
/// <remarks>
/// Every call that shows or changes memories names its scope; there is no look-up by id alone. A memory that has expired is in no answer, has no
/// history and no links, and its id is free. An archived one (<see cref="MemoryRecord.Archived"/>) is shown by <see cref="GetAsync"/>, and otherwise
/// only where a filter asks for it (<see cref="MemoryFilter.State"/>). Bad input throws <see cref="MemoryValidationException"/>, which lists every
/// error, before anything is changed; a store that fails throws <see cref="MemoryUnavailableException"/>.
/// </remarks>
public interface IMemoryStore
{
    /// <summary>Carries out a batch of changes, all or none.</summary>
    /// <param name="transaction">The changes.</param>
    /// <param name="cancellationToken">Gives up waiting; the changes may still happen when they had begun. Repeating with the same idempotency key is safe.</param>
    /// <returns>What became of each.</returns>
    /// <exception cref="MemoryConflictException">A memory is not at the version expected, or a memory to change or to link is not there; nothing was changed.</exception>
    /// <exception cref="MemoryValidationException">A change is wrong, or the idempotency key was used for other changes; nothing was changed.</exception>
    /// <exception cref="MemoryUnavailableException">The store failed.</exception>
    ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default);

    /// <summary>Gets one memory, archived or not.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="id">The id, ordinal and case-sensitive.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The memory; <see langword="null"/> when the scope has none with that id.</returns>
    ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default);

    /// <summary>Gets the earlier versions of a memory that were kept (<see cref="MemoryTransaction.KeepHistory"/>), the newest first, without the present one.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="id">The id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The versions, as they were but without their vectors; empty when none was kept, or the scope has no memory with that id.</returns>
    ValueTask<IReadOnlyList<MemoryRecord>> GetHistoryAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default);

    /// <summary>Follows links from a memory, breadth first.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="id">The memory to begin at.</param>
    /// <param name="options">Which links, how far; <see langword="null"/>: all that touch the memory itself.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// Each link once, in the order of depth, then <see cref="MemoryEdge.From"/>, relation, <see cref="MemoryEdge.To"/> (ordinal), cut at the limit;
    /// empty when there is none, or the scope has no memory with that id. Archived memories are passed through.
    /// </returns>
    ValueTask<IReadOnlyList<MemoryEdge>> GetRelatedAsync(MemoryScope scope, string id, MemoryRelatedOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Lists memories page by page.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="options">Which and how many; <see langword="null"/>: the first 50.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page.</returns>
    /// <exception cref="MemoryValidationException">The cursor was altered, or belongs to another scope, filter or order.</exception>
    ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Reads every memory as it was at the moment of the first one, whatever is written meanwhile: for exports.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="filter">Which; <see langword="null"/>: all that are active.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The memories, oldest first, equal ones by id (ordinal). Dispose the enumerator soon: a store may hold a snapshot open for it.</returns>
    IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default);

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

    /// <summary>Lists the tags that active memories have, the most frequent first, equally frequent ones in ordinal order: for completion.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="prefix">What they begin with, ordinal; empty: anything.</param>
    /// <param name="top">How many at most, 1 to 200.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The tags.</returns>
    ValueTask<IReadOnlyList<string>> ListTagsAsync(MemoryScope scope, string prefix = "", int top = 100, CancellationToken cancellationToken = default);

    /// <summary>Lists the scopes that hold a memory, active or archived, ordered by tenant, then namespace (ordinal).</summary>
    /// <param name="tenant">Whose; <see langword="null"/>: everybody's, for the host's own work in the background and never for a caller.</param>
    /// <param name="prefix">What the namespace begins with, ordinal; empty: anything.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The scopes.</returns>
    IAsyncEnumerable<MemoryScope> ListScopesAsync(string? tenant, string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>Deletes every memory that a listing with the filter would show, with its history and links, all or none.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="filter">Which; at least one condition must be set.</param>
    /// <param name="cancellationToken">Gives up waiting; the change may still happen when it had begun.</param>
    /// <returns>How many memories were deleted.</returns>
    /// <exception cref="MemoryValidationException">The filter is wrong, or has no condition.</exception>
    ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes memories for good. When it returns, no byte of the text, vector, tags, metadata, history or links of what matched is left in the files the
    /// store writes, backups excepted; and the scope's idempotency keys are forgotten.
    /// </summary>
    /// <param name="scope">The scope.</param>
    /// <param name="filter">Which; <see langword="null"/>: all. <see cref="MemoryFilter.State"/> is not looked at: archived and expired memories that match are erased too.</param>
    /// <param name="cancellationToken">Gives up waiting; the change may still happen when it had begun.</param>
    /// <returns>How many memories were erased. A call that matches none still erases what is left of memories deleted before.</returns>
    ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Removes what has expired, in all scopes, and forgets idempotency keys older than 24 hours.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many memories were removed.</returns>
    ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default);

    /// <summary>Proves, cheaply, that the store can read and write; changes nothing that anybody sees. For readiness.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is proved.</returns>
    /// <exception cref="MemoryUnavailableException">It cannot.</exception>
    ValueTask CheckAsync(CancellationToken cancellationToken = default);
}
