namespace Providers;

/// <summary>The free probes that run beside the traffic.</summary>
public sealed class HealthOptions
{
    /// <summary>Gets or sets a value indicating whether probes run.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Gets or sets the time between two probes of a provider; each is moved by up to a tenth at random.</summary>
    /// <value>00:00:00.100 to 1.00:00:00. Default: 10 seconds.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a probe may take.</summary>
    /// <value>00:00:00.010 to 00:10:00. Default: 3 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets or sets how many probes in a row must fail before a provider is unhealthy.</summary>
    /// <value>1 to 1,000. Default: 2.</value>
    public int UnhealthyThreshold { get; set; } = 2;
}
