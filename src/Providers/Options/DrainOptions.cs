namespace Providers;

/// <summary>How a composite ends with its host: not ready at once, then the requests under way are finished.</summary>
public sealed class DrainOptions
{
    /// <summary>Gets or sets how long the host still takes requests after it was told to stop, so that balancers notice that it is not ready.</summary>
    /// <value>0 to 00:05:00. Default: 0; behind a balancer, a little more than its probe's period.</value>
    public TimeSpan Delay { get; set; }

    /// <summary>Gets or sets how long requests under way may take to end. The host's own <c>HostOptions.ShutdownTimeout</c> must be longer than this and <see cref="Delay"/> together.</summary>
    /// <value>0 to 01:00:00. Default: 20 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}
