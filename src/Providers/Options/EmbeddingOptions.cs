namespace Providers;

/// <summary>The rules of embeddings.</summary>
public sealed class EmbeddingOptions
{
    /// <summary>Gets or sets how many inputs one request to a provider holds.</summary>
    /// <value>1 to 10,000. Default: 256.</value>
    public int BatchSize { get; set; } = 256;

    /// <summary>Gets or sets how many such requests of one call run at once.</summary>
    /// <value>1 to 256. Default: 4.</value>
    public int MaxParallelBatches { get; set; } = 4;

    /// <summary>Gets or sets the cache of embeddings.</summary>
    /// <value><see langword="null"/> (the default): none. Setting it needs <c>services.AddHybridCache()</c>.</value>
    public EmbeddingCacheOptions? Cache { get; set; }
}
