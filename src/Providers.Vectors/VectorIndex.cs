namespace Providers.Vectors;

/// <summary>What all indexes share: see <see cref="IVectorIndex"/>. Opens the checkpoint and log at <see cref="VectorIndexOptions.Path"/> if there are any.</summary>
public abstract class VectorIndex : IVectorIndex
{
    private readonly VectorEngine _engine;

    private protected VectorIndex(VectorIndexOptions options, IndexKind kind)
    {
        ArgumentNullException.ThrowIfNull(options);
        _engine = new VectorEngine(options, kind);
    }

    /// <inheritdoc/>
    public int Dimensions => _engine.Options.Dimensions;

    /// <inheritdoc/>
    public VectorMetric Metric => _engine.Options.Metric;

    /// <inheritdoc/>
    public int Count => _engine.View.Live;

    /// <inheritdoc/>
    public long Watermark => _engine.Watermark;

    /// <inheritdoc/>
    public void Upsert(long id, ReadOnlySpan<float> vector) => _engine.Upsert([id], vector);

    /// <inheritdoc/>
    public void UpsertRange(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors) => _engine.Upsert(ids, vectors);

    /// <inheritdoc/>
    public bool Delete(long id) => _engine.Delete(id);

    /// <inheritdoc/>
    public bool TryGet(long id, Span<float> vector) => _engine.TryGet(id, vector);

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<VectorMatch> matches, VectorSearchOptions? options = null) =>
        _engine.Search(query, matches, options);

    /// <inheritdoc/>
    public void SearchBatch(ReadOnlySpan<float> queries, int top, Span<VectorMatch> matches, VectorSearchOptions? options = null) =>
        _engine.SearchBatch(queries, top, matches, options);

    /// <inheritdoc/>
    public VectorIndexStats GetStats() => _engine.GetStats();

    /// <inheritdoc/>
    public void Checkpoint(long watermark = 0) => _engine.Checkpoint(watermark);

    /// <inheritdoc/>
    public Task CompactAsync() => _engine.CompactAsync();

    /// <inheritdoc/>
    public Task WhenIdleAsync() => _engine.WhenIdleAsync();

    /// <summary>Closes the log and waits for background work. Does not write a checkpoint.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        GC.SuppressFinalize(this);
    }
}
