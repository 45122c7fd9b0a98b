namespace Providers;

/// <summary>What the router needs to know of a provider, beside what its adapter needs.</summary>
public sealed class ProviderOptions
{
    /// <summary>Gets or sets the adapter's kind.</summary>
    /// <value><see langword="null"/> (the default): the provider's name is its kind, or the provider was added in code.</value>
    public string? Kind { get; set; }

    /// <summary>Gets or sets a value indicating whether the provider is there at all.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Gets or sets the provider's place where no route is configured; lower is earlier, ties by name.</summary>
    /// <value>Default: 0.</value>
    public int Order { get; set; }

    /// <summary>Gets or sets a value indicating whether requests marked local may go there.</summary>
    /// <value><see langword="null"/> (the default): what the adapter says; loopback addresses are local.</value>
    public bool? Local { get; set; }

    /// <summary>Gets or sets how many attempts may run at once.</summary>
    /// <value>1 to 100,000; <see langword="null"/> (the default): no limit.</value>
    public int? MaxConcurrency { get; set; }

    /// <summary>Gets or sets how many requests may wait for a place when no other target is free.</summary>
    /// <value>0 to 100,000. Default: 0, nobody waits.</value>
    public int QueueLimit { get; set; }

    /// <summary>Gets or sets the number of requests a minute, reserved before sending.</summary>
    /// <value>1 to 10,000,000; <see langword="null"/> (the default): no limit.</value>
    public int? RequestsPerMinute { get; set; }

    /// <summary>Gets or sets the number of tokens a minute. Reserved before sending: the prompt by estimate and <see cref="Microsoft.Extensions.AI.ChatOptions.MaxOutputTokens"/> where it is set; settled with what the answer reports.</summary>
    /// <value>1 to 1,000,000,000; <see langword="null"/> (the default): no limit.</value>
    public int? TokensPerMinute { get; set; }

    /// <summary>Gets or sets the account the provider's rate limit counts against: providers that share one back off as one.</summary>
    /// <value><see langword="null"/> (the default): the provider's own.</value>
    public string? RateLimitDomain { get; set; }

    /// <summary>Gets or sets the provider's own deadlines.</summary>
    /// <value><see langword="null"/> (the default): the route's or the composite's.</value>
    public TimeoutOptions? Timeouts { get; set; }
}
