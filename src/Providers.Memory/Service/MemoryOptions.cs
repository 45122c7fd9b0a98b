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
    /// <value><see langword="null"/> (the default): the one declared of the model, as a composite reports it, else the model's id.</value>
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

    /// <summary>Gets or sets whether the versions that changes replace are kept, unless a transaction says so itself.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool KeepHistory { get; set; }

    /// <summary>Gets or sets how long memories of a session live that do not say so themselves.</summary>
    /// <value>More than zero. Default: 24 hours.</value>
    public TimeSpan SessionLife { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Gets or sets the least trust of a memory that a search shows; those without provenance are always shown.</summary>
    /// <value>0 (the default), any, to 1.</value>
    public double MinTrust { get; set; }

    /// <summary>Gets or sets how many memories one source of one tenant may write within <see cref="SourceWindow"/>.</summary>
    /// <value>0 (the default), any number, to 1,000,000.</value>
    public int SourceQuota { get; set; }

    /// <summary>Gets or sets the window of <see cref="SourceQuota"/>.</summary>
    /// <value>More than zero. Default: 1 hour.</value>
    public TimeSpan SourceWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets the limits.</summary>
    public MemoryLimits Limits { get; } = new();

    /// <summary>Whether the store holds ciphertext, which is longer than what it stands for.</summary>
    internal bool Encrypted { get; set; }

    /// <summary>The limits of the store itself.</summary>
    internal MemoryLimits StoreLimits => Encrypted ? EncryptedMemoryStore.Widen(Limits) : Limits;
}
