namespace Providers;

/// <summary>Keeps embeddings in the host's <see cref="Microsoft.Extensions.Caching.Hybrid.HybridCache"/>: in memory, and in its distributed cache where it has one.</summary>
/// <remarks>
/// Each text of a batch is kept by itself, under its vector space and a hash of the text, so that every target of the space may fill and use
/// the entry. What the cache does never fails a request: where it is slow, broken or holds nonsense, the text is embedded.
/// </remarks>
public sealed class EmbeddingCacheOptions
{
    /// <summary>Gets or sets how long an entry is kept.</summary>
    /// <value>00:00:01 to 365.00:00:00. Default: 7 days.</value>
    public TimeSpan Expiration { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how long an entry is kept in this process's memory.</summary>
    /// <value>00:00:01 to 365.00:00:00. Default: 5 minutes.</value>
    public TimeSpan LocalExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how long a request waits for the cache, once to read and once to write.</summary>
    /// <value>00:00:00.010 to 00:01:00. Default: 250 milliseconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets or sets how long the cache is left alone after it did not answer in time.</summary>
    /// <value>0 to 01:00:00. Default: 5 seconds.</value>
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(5);
}
