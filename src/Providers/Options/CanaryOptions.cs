namespace Providers;

/// <summary>
/// Makes a target of a route a canary: it takes a small, growing share of the route's requests, is compared with the other targets at the
/// same time, and loses its share by itself when it is worse. A request outside its share never goes to it.
/// </summary>
public sealed class CanaryOptions
{
    /// <summary>Gets the shares of the route's requests, in percent, in the order they are taken. At 100 the rollout is over.</summary>
    /// <value>Each above 0, to 100, rising. Empty (the default): 1, 5, 25, 50, 100.</value>
    public IList<double> Steps { get; } = [];

    /// <summary>Gets or sets a value indicating whether the canary answers nobody: its share of embedding requests is sent to it as well, compared and thrown away.</summary>
    /// <value>Default: <see langword="false"/>. A shadow never becomes live by itself; after its last step it stays at that share.</value>
    public bool Shadow { get; set; }

    /// <summary>Gets or sets how long a step lasts at the least.</summary>
    /// <value>00:00:01 to 7.00:00:00. Default: 5 minutes.</value>
    public TimeSpan StepDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how many requests the canary must have had in a step before the next.</summary>
    /// <value>1 to 1,000,000. Default: 100.</value>
    public int StepRequests { get; set; } = 100;

    /// <summary>Gets or sets how often the arms are compared.</summary>
    /// <value>00:00:00.100 to 01:00:00. Default: 1 minute.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how far the canary's share of failed requests may lie above the other targets'.</summary>
    /// <value>0 to 1. Default: 0.01, one percentage point.</value>
    public double MaxErrorIncrease { get; set; } = 0.01;

    /// <summary>Gets or sets how many requests each arm needs before failures are compared.</summary>
    /// <value>10 to 1,000,000. Default: 100.</value>
    public int ErrorRequests { get; set; } = 100;

    /// <summary>Gets or sets how many times the other targets' 95th percentile of latency the canary's may be.</summary>
    /// <value>1 to 100. Default: 1.2.</value>
    public double MaxLatencyRatio { get; set; } = 1.2;

    /// <summary>Gets or sets how many answers each arm needs before latencies are compared.</summary>
    /// <value>20 to 1,000,000. Default: 200.</value>
    public int LatencyRequests { get; set; } = 200;

    /// <summary>Gets or sets the probability that a canary as good as the rest is rolled back all the same by one of the two comparisons, over all steps together.</summary>
    /// <value>0.000001 to 0.2. Default: 0.01.</value>
    public double Significance { get; set; } = 0.01;

    /// <summary>Gets or sets the share of failures over the last 20 requests above which the canary is rolled back at once, unless the other targets fail too.</summary>
    /// <value>0.05 to 1. Default: 0.2.</value>
    public double HardStop { get; set; } = 0.2;

    /// <summary>Gets or sets how long a step may take before the canary is rolled back for want of progress.</summary>
    /// <value>00:00:01 to 30.00:00:00, not shorter than <see cref="StepDuration"/>. Default: 1 hour.</value>
    public TimeSpan ProgressDeadline { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets how long after a rollback the next try may begin.</summary>
    /// <value>0 to 30.00:00:00. Default: 1 hour.</value>
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromHours(1);
}
