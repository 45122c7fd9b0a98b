namespace Providers.Memory;

/// <summary>How memories are found.</summary>
public enum MemorySearchMode
{
    /// <summary>By meaning and by words, the two rankings fused.</summary>
    Hybrid,

    /// <summary>By meaning alone: nearest vectors.</summary>
    Semantic,

    /// <summary>By words alone: BM25.</summary>
    Keyword,
}

/// <summary>A search within a scope.</summary>
public sealed record MemoryQuery
{
    /// <summary>Gets the text to look for; needed unless only by meaning with <see cref="Vector"/>. Any characters; none is an operator.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the query's embedding; <see langword="null"/>: a service makes it from the text, a store searches by words alone.</summary>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>Gets the embedding's space; set exactly when <see cref="Vector"/> is. Memories of other spaces are not compared.</summary>
    public string? VectorSpace { get; init; }

    /// <summary>Gets how to search.</summary>
    /// <value>Default: <see cref="MemorySearchMode.Hybrid"/>.</value>
    public MemorySearchMode Mode { get; init; }

    /// <summary>Gets how many to find at most.</summary>
    /// <value>1 to 200. Default: 10.</value>
    public int Top { get; init; } = 10;

    /// <summary>Gets which memories are looked at; <see langword="null"/> (the default): all.</summary>
    public MemoryFilter? Filter { get; init; }

    /// <summary>Gets the least score of a result.</summary>
    /// <value>0 to 1. Default: 0, any.</value>
    public double MinScore { get; init; }
}

/// <summary>A memory that was found.</summary>
/// <param name="Record">The memory.</param>
/// <param name="Score">How well it fits, 0 to 1, comparable within one search.</param>
public sealed record MemoryMatch(MemoryRecord Record, double Score)
{
    /// <summary>Gets the cosine similarity to the query, -1 to 1; <see langword="null"/>: not among the nearest.</summary>
    public double? VectorScore { get; init; }

    /// <summary>Gets the BM25 score, above 0; <see langword="null"/>: not among the best by words.</summary>
    public double? KeywordScore { get; init; }

    /// <summary>Gets the factors a service laid over the fused rank (recency, importance, variety), by name; empty from a store.</summary>
    public IReadOnlyDictionary<string, double> Factors { get; init; } = new Dictionary<string, double>();
}
