namespace Providers.Memory;

/// <summary>What happens to a memory that says almost the same as one that is there.</summary>
public enum DuplicateHandling
{
    /// <summary>Both are kept.</summary>
    Keep,

    /// <summary>The older one stays and takes over tags, metadata and the greater importance.</summary>
    Merge,
}

/// <summary>How a memory is written and ranked.</summary>
public sealed class MemoryOptions
{
    /// <summary>Gets or sets the name of the vector space that embeddings belong to.</summary>
    /// <value><see langword="null"/> (the default): the model's id, as the embedding generator reports it.</value>
    public string? VectorSpace { get; set; }

    /// <summary>Gets or sets what happens to near-duplicates.</summary>
    /// <value>Default: <see cref="DuplicateHandling.Keep"/>.</value>
    public DuplicateHandling Duplicates { get; set; }

    /// <summary>Gets or sets from which cosine similarity on, within one kind, two memories say the same.</summary>
    /// <value>0.5 to 1. Default: 0.97.</value>
    public double DuplicateSimilarity { get; set; } = 0.97;

    /// <summary>Gets or sets after how long the recency of a memory has halved.</summary>
    /// <value>More than zero. Default: 30 days.</value>
    public TimeSpan RecencyHalfLife { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets how much of the score recency decides.</summary>
    /// <value>0, not at all, to 1. Default: 0.1.</value>
    public double RecencyWeight { get; set; } = 0.1;

    /// <summary>Gets or sets how much of the score importance decides.</summary>
    /// <value>0, not at all, to 1. Default: 0.1.</value>
    public double ImportanceWeight { get; set; } = 0.1;

    /// <summary>Gets or sets how much a result is marked down for resembling one before it (maximal marginal relevance).</summary>
    /// <value>0 (the default), not at all, to 1.</value>
    public double Variety { get; set; }

    /// <summary>Gets or sets how many candidates a registered reranker is given.</summary>
    /// <value>0, the reranker is not asked, to 200. Default: 50.</value>
    public int RerankCandidates { get; set; } = 50;

    /// <summary>Gets the limits.</summary>
    public MemoryLimits Limits { get; } = new();
}
