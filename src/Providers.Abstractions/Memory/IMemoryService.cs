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
    /// <remarks>
    /// A search in the scope of a session (<see cref="MemoryScope.Session"/>) finds its memories and the long-term ones. <see cref="MemoryMatch.Factors"/>
    /// shows the parts of each score.
    /// </remarks>
    ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default);

    /// <summary>Makes an earlier version of a memory its next one, embedded anew; the version it replaces is kept.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="id">The memory's id.</param>
    /// <param name="version">The earlier version, one of <see cref="IMemoryStore.GetHistoryAsync"/>.</param>
    /// <param name="expectedVersion">The version that must be there now; <see langword="null"/>: any.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The memory's new version.</returns>
    /// <exception cref="MemoryConflictException">The memory is not there, or at another version.</exception>
    /// <exception cref="MemoryValidationException">That version was not kept.</exception>
    ValueTask<MemoryReceipt> RestoreAsync(MemoryScope scope, string id, long version, long? expectedVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Writes memories as they were at one moment, one JSON object a line (NDJSON), each with its links, oldest first.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="destination">Where to; not closed.</param>
    /// <param name="options">Which, and where to go on; <see langword="null"/>: all, archived ones too.</param>
    /// <param name="cancellationToken">Ends the writing; whole lines may have been written.</param>
    /// <returns>How many memories were written.</returns>
    Task<long> ExportAsync(MemoryScope scope, Stream destination, MemoryExportOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Reads what <see cref="ExportAsync"/> wrote, in batches; a memory that is there becomes the next version of itself.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="source">Where from; not closed.</param>
    /// <param name="options">Where to begin, and what happens to wrong lines; <see langword="null"/>: at the first, and the first wrong one ends it.</param>
    /// <param name="cancellationToken">Ends the reading; what was stored stays.</param>
    /// <returns>What was done, and where to go on.</returns>
    Task<MemoryImportResult> ImportAsync(MemoryScope scope, Stream source, MemoryImportOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Embeds again every memory whose vector is not of the present model's space, batch by batch, while searches go on. Cut off, it goes on where it
    /// stopped; called again when all is done, it does nothing.
    /// </summary>
    /// <param name="scope">The scope.</param>
    /// <param name="progress">Told after each batch how many memories were embedded; <see langword="null"/>: nobody is.</param>
    /// <param name="cancellationToken">Ends the work; what was embedded stays so.</param>
    /// <returns>How many memories were embedded.</returns>
    Task<long> ReembedAsync(MemoryScope scope, IProgress<long>? progress = null, CancellationToken cancellationToken = default);
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
