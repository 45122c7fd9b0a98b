using Providers.Vectors;

namespace Providers.Memory;

/// <summary>The vectors of one scope and one space: a cache of the store, never a second truth. Safe for concurrent use.</summary>
internal sealed class VectorShelf(int dimensions, string? path = null) : IDisposable
{
    private readonly AdaptiveVectorIndex _index = new(new VectorIndexOptions { Dimensions = dimensions, Path = path, OwnLog = false });

    public int Dimensions => dimensions;

    public int Count => _index.Count;

    /// <summary>Gets up to which change of the store the last checkpoint reaches.</summary>
    public long Watermark => _index.Watermark;

    public void Set(long row, ReadOnlySpan<float> vector) => _index.Upsert(row, Scale.Tame(vector));

    public void Remove(long row) => _index.Delete(row);

    public void Checkpoint(long watermark) => _index.Checkpoint(watermark);

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

        return result;
    }

    public void Dispose() => _index.Dispose();
}
