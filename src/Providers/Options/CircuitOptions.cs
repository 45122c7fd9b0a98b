namespace Providers;

/// <summary>When a target's circuit opens, for how long, and how traffic comes back. Names follow Polly's.</summary>
public sealed class CircuitOptions
{
    /// <summary>Gets or sets the share of failures within <see cref="SamplingDuration"/> that opens the circuit.</summary>
    /// <value>Above 0, to 1. Default: 0.5.</value>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Gets or sets how many attempts the sample must hold before the ratio counts.</summary>
    /// <value>1 to 100,000. Default: 10.</value>
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>Gets or sets the length of the sliding sample.</summary>
    /// <value>00:00:00.500 to 01:00:00. Default: 30 seconds.</value>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many failures in a row open the circuit whatever the ratio.</summary>
    /// <value>1 to 100,000. Default: 5.</value>
    public int ConsecutiveFailures { get; set; } = 5;

    /// <summary>Gets or sets the first break; it doubles each time a probe fails.</summary>
    /// <value>00:00:00.010 to 01:00:00. Default: 5 seconds.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the longest break.</summary>
    /// <value><see cref="BreakDuration"/> to 1.00:00:00. Default: 1 minute.</value>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long a recovered target takes until it has its full traffic again; other targets serve the rest.</summary>
    /// <value>0 to 01:00:00; 0: at once. Default: 10 seconds.</value>
    public TimeSpan SlowStart { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how often a target with an open circuit may be probed ahead of time when no target takes traffic (the panic rule).</summary>
    /// <value>00:00:00.010 to 01:00:00. Default: 1 second.</value>
    public TimeSpan PanicInterval { get; set; } = TimeSpan.FromSeconds(1);
}
