namespace Providers.Vectors;

/// <summary>Vectors under 64-bit ids, searched for the nearest. All members are safe to call from any thread at any time.</summary>
/// <remarks>A search sees one consistent snapshot and takes no lock. Writes are serialised among themselves.</remarks>
public interface IVectorIndex : IDisposable
{
    /// <summary>Gets the length of every vector, 1 to 16,384.</summary>
    int Dimensions { get; }

    /// <summary>Gets how nearness is measured.</summary>
    VectorMetric Metric { get; }

    /// <summary>Gets how many vectors can be found.</summary>
    int Count { get; }

    /// <summary>Gets the watermark of the checkpoint this index was opened from, or of the last one written; 0 when there was none.</summary>
    /// <remarks>An owner that keeps its own log replays what came after this number.</remarks>
    long Watermark { get; }

    /// <summary>Adds a vector or replaces the one under the same id.</summary>
    /// <param name="id">Any number.</param>
    /// <param name="vector"><see cref="Dimensions"/> finite components; not all zero when the metric is cosine.</param>
    /// <exception cref="ArgumentException">The vector has another length, a component that is not finite, or no direction.</exception>
    /// <exception cref="InvalidOperationException">The memory cap is reached.</exception>
    void Upsert(long id, ReadOnlySpan<float> vector);

    /// <summary>Adds or replaces many vectors; graphs are linked by several threads.</summary>
    /// <param name="ids">The ids; of equal ones the last wins.</param>
    /// <param name="vectors">One vector after another, <see cref="Dimensions"/> components each.</param>
    /// <exception cref="ArgumentException">The lengths do not match or a vector is not valid; nothing was stored.</exception>
    /// <exception cref="InvalidOperationException">The memory cap is reached; nothing was stored.</exception>
    void UpsertRange(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors);

    /// <summary>Removes a vector. Its memory is freed by compaction in the background.</summary>
    /// <param name="id">The id.</param>
    /// <returns>Whether it was there.</returns>
    bool Delete(long id);

    /// <summary>Copies a vector out; with cosine, scaled to length one. Waits for a write in progress.</summary>
    /// <param name="id">The id.</param>
    /// <param name="vector">Room for <see cref="Dimensions"/> components.</param>
    /// <returns>Whether the id is there.</returns>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    bool TryGet(long id, Span<float> vector);

    /// <summary>Finds the nearest vectors, nearest first.</summary>
    /// <param name="query"><see cref="Dimensions"/> finite components.</param>
    /// <param name="matches">Its length is how many to find.</param>
    /// <param name="options">How to search, or null for the defaults.</param>
    /// <returns>How many were found: all that there are, or that pass the filter, if fewer than asked for.</returns>
    /// <exception cref="ArgumentException">The query has another length, a component that is not finite, or no direction.</exception>
    int Search(ReadOnlySpan<float> query, Span<VectorMatch> matches, VectorSearchOptions? options = null);

    /// <summary>Searches for several queries over one snapshot; exact searches read each vector once per four queries.</summary>
    /// <param name="queries">One query after another.</param>
    /// <param name="top">How many to find for each, at least 1.</param>
    /// <param name="matches">Room for <paramref name="top"/> matches per query, one query's after another's; places not filled have the id <see cref="long.MinValue"/> and the score NaN.</param>
    /// <param name="options">How to search, or null for the defaults.</param>
    /// <exception cref="ArgumentException">A length does not match, or a query is not valid.</exception>
    void SearchBatch(ReadOnlySpan<float> queries, int top, Span<VectorMatch> matches, VectorSearchOptions? options = null);

    /// <summary>Gets what the index holds and what it costs.</summary>
    VectorIndexStats GetStats();

    /// <summary>Writes everything to <see cref="VectorIndexOptions.Path"/> and empties the log. Searches go on; writes wait.</summary>
    /// <param name="watermark">A number of the caller's, given back by <see cref="Watermark"/> after opening.</param>
    /// <exception cref="InvalidOperationException">The options have no path.</exception>
    /// <exception cref="IOException">The file could not be written; the one before is untouched.</exception>
    void Checkpoint(long watermark = 0);

    /// <summary>Rebuilds without the deleted rows, beside searches and writes.</summary>
    /// <returns>A task that ends when their memory may be collected.</returns>
    Task CompactAsync();

    /// <summary>Waits for compaction and index building that are under way.</summary>
    /// <returns>A task that ends when nothing is being done in the background.</returns>
    Task WhenIdleAsync();
}
