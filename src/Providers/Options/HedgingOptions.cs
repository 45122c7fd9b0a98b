namespace Providers;

/// <summary>A second attempt at another target when the first is slow; the first content wins, the other is cancelled.</summary>
public sealed class HedgingOptions
{
    /// <summary>Gets or sets how long the first attempt has before the second starts.</summary>
    /// <value>0 to 00:10:00; <see langword="null"/> (the default): the 95th percentile of what the target has shown, and <see cref="InitialDelay"/> before it has.</value>
    public TimeSpan? Delay { get; set; }

    /// <summary>Gets or sets the delay before anything has been observed.</summary>
    /// <value>0 to 00:10:00. Default: 2 seconds.</value>
    public TimeSpan InitialDelay { get; set; } = TimeSpan.FromSeconds(2);
}
