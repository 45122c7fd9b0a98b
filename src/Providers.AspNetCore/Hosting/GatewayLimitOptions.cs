namespace Providers.AspNetCore;

/// <summary>How much is let in. What is above is refused at once, and says when to come back.</summary>
public sealed class GatewayLimitOptions
{
    /// <summary>Gets or sets how many requests are worked on at the same time; more are refused with 503 before anything of them is read.</summary>
    /// <value>1 to 1,000,000. Default: 1,024. Set it to little more than the model servers can serve side by side: a queue here only makes everybody late.</value>
    public int MaxConcurrentRequests { get; set; } = 1024;

    /// <summary>Gets or sets how many of them one tenant may have.</summary>
    /// <value>1 to 1,000,000. Default: 512.</value>
    public int MaxConcurrentRequestsPerTenant { get; set; } = 512;

    /// <summary>Gets or sets how many requests one key or token may make in a minute.</summary>
    /// <value>1 to 10,000,000; <see langword="null"/>: any number. Default: 6,000.</value>
    public int? RequestsPerMinute { get; set; } = 6000;

    /// <summary>Gets or sets how many requests all keys and tokens of one tenant may make in a minute.</summary>
    /// <value>1 to 10,000,000; <see langword="null"/>: any number. Default: 12,000.</value>
    public int? TenantRequestsPerMinute { get; set; } = 12000;

    /// <summary>Gets or sets how many requests may come at once before the rate counts.</summary>
    /// <value>1 to 1,000,000. Default: 600. In no window does anyone get more than the rate of that window and this.</value>
    public int Burst { get; set; } = 600;

    /// <summary>Gets or sets how many tokens, of prompts and answers, one tenant may use in a minute.</summary>
    /// <value>1 to 1,000,000,000; <see langword="null"/> (the default): any number. Reserved by estimate before a request, settled by the provider's count after it.</value>
    public int? TenantTokensPerMinute { get; set; }

    /// <summary>Gets or sets how large a body is, in bytes, unpacked.</summary>
    /// <value>1,024 to 1,073,741,824. Default: 1 MiB.</value>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Gets or sets how large the body of a chat or of a batch is, in bytes, unpacked: both may carry much in one request.</summary>
    /// <value>1,024 to 1,073,741,824. Default: 16 MiB.</value>
    public int MaxLargeBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Gets or sets how many messages a chat holds.</summary>
    /// <value>1 to 100,000. Default: 2,048.</value>
    public int MaxMessages { get; set; } = 2048;

    /// <summary>Gets or sets how many texts one embedding request holds.</summary>
    /// <value>1 to 100,000. Default: 2,048.</value>
    public int MaxEmbeddingInputs { get; set; } = 2048;

    /// <summary>Gets or sets how many keys and tenants are counted apart; beyond it, newcomers share one count.</summary>
    /// <value>16 to 10,000,000. Default: 10,000. Only callers with valid credentials are counted at all.</value>
    public int MaxPartitions { get; set; } = 10_000;
}
