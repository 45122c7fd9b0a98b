namespace Providers;

/// <summary>Retries at a target that has already failed in the same request, and the budget that bounds them.</summary>
public sealed class RetryOptions
{
    /// <summary>Gets or sets how many times a request may go back to targets that failed, after all others have been tried.</summary>
    /// <value>0 to 10. Default: 2.</value>
    public int MaxRetries { get; set; } = 2;

    /// <summary>Gets or sets the number of attempts a request may make in all.</summary>
    /// <value>1 to 1,000. Default: 8.</value>
    public int MaximumAttemptsPerRequest { get; set; } = 8;

    /// <summary>Gets or sets the first backoff; each further one doubles, with full jitter.</summary>
    /// <value>0 to 00:01:00. Default: 500 milliseconds.</value>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets or sets the longest backoff.</summary>
    /// <value>0 to 00:10:00. Default: 8 seconds.</value>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Gets or sets the longest Retry-After that is believed; a target is left alone no longer than that.</summary>
    /// <value>00:00:01 to 1.00:00:00. Default: 10 minutes.</value>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets the share of requests under way that may be retries or hedges.</summary>
    /// <value>0 to 1. Default: 0.2.</value>
    public double BudgetRatio { get; set; } = 0.2;

    /// <summary>Gets or sets the number of retries and hedges that may be under way however few requests there are.</summary>
    /// <value>0 to 1,000. Default: 3.</value>
    public int BudgetMinimum { get; set; } = 3;
}
