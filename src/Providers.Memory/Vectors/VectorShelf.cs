using Providers.Vectors;

namespace Providers.Memory;

/// <summary>The vectors of one scope and one space: a cache of the store, never a second truth. Safe for concurrent use.</summary>
internal sealed class VectorShelf : IDisposable
{
    private readonly AdaptiveVectorIndex _index;
    private readonly RecallCanary? _canary;
    private string? _kept;
    private Task _watched = Task.CompletedTask;

    /// <summary>Opens it from its file, or begins with nothing.</summary>
    /// <param name="dimensions">The space's dimensions.</param>
    /// <param name="path">The index's file; <see langword="null"/>: it has none.</param>
    /// <param name="canary">Watches what searches find; <see langword="null"/>: nobody does.</param>
    public VectorShelf(int dimensions, string? path = null, RecallCanary? canary = null)
    {
        bool isKept = File.Exists(path);
        _index = new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = dimensions, Path = path, OwnLog = false });
        _kept = isKept ? Structure : null;
        _canary = canary;
        Dimensions = dimensions;
    }

    public int Dimensions { get; }

    public int Count => _index.Count;

    /// <summary>Gets up to which change of the store the last checkpoint reaches.</summary>
    public long Watermark => _index.Watermark;

    public void Set(long row, ReadOnlySpan<float> vector) => _index.Upsert(row, Scale.Tame(vector));

    public void Remove(long row) => _index.Delete(row);

    /// <summary>Gets whether the index has a structure by now that its file does not hold: one that is not written is built again after every start.</summary>
    public bool HasMoved => Structure != _kept;

    /// <summary>Ends when nothing is built in the background any more, or with the error that ended it.</summary>
    public Task WhenIdleAsync() => _index.WhenIdleAsync();

    /// <summary>Gets what the index searches in by now, in words.</summary>
    public string Structure => _index.GetStats().Structure;

    public void Checkpoint(long watermark)
    {
        string structure = Structure; // one that it moves to meanwhile may be written or not
        _index.Checkpoint(watermark);
        _kept = structure;
    }

    /// <summary>Drops what was removed from the memory the index holds, so that the next checkpoint does not write it.</summary>
    public void Compact() => _index.CompactAsync().GetAwaiter().GetResult();

    /// <summary>Finds the nearest rows by cosine similarity, best first.</summary>
    /// <param name="query">The query.</param>
    /// <param name="top">How many.</param>
    /// <param name="rows">The rows that are looked at; <see langword="null"/>: all.</param>
    public List<(long Row, double Score)> Search(ReadOnlySpan<float> query, int top, long[]? rows)
    {
        if (rows is [] || _index.Count == 0)
        {
            return [];
        }

        VectorMatch[] matches = new VectorMatch[top];
        VectorSearchOptions? options = rows is null ? null : new VectorSearchOptions { Filter = VectorFilter.FromIds(rows) };
        int found = _index.Search(Scale.Tame(query), matches, options);
        List<(long, double)> result = new(found);
        for (int i = 0; i < found; i++)
        {
            result.Add((matches[i].Id, matches[i].Score));
        }

        if (rows is null && _canary?.IsDue() == true)
        {
            Watch(query.ToArray(), top, [.. result.Select(static r => r.Item1)]);
        }

        return result;
    }

    public void Dispose()
    {
        Volatile.Read(ref _watched).GetAwaiter().GetResult(); // it reads the index
        _index.Dispose();
    }

    /// <summary>Ends when a search that is being repeated has been, for tests.</summary>
    internal Task WatchedAsync() => Volatile.Read(ref _watched);

    private void Watch(float[] query, int top, long[] found) => Volatile.Write(ref _watched, _canary!.RepeatAsync(found, () =>
    {
        VectorMatch[] matches = new VectorMatch[top];
        int count = _index.Search(Scale.Tame(query), matches, new VectorSearchOptions { Exact = true });
        return [.. matches.Take(count).Select(static m => m.Id)];
    }));
}
