namespace Providers;

/// <summary>How gates follow feature flags.</summary>
public sealed class FeatureGateOptions
{
    /// <summary>Gets or sets for how long the answer for a flag is reused. A flag that depends on the user or on chance is asked every time.</summary>
    /// <value>0 to 00:10:00. Default: 1 second.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan RefreshInterval
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMinutes(10));
            field = value;
        }
    } = TimeSpan.FromSeconds(1);

    /// <summary>Gets what a gate does when nobody has defined its flag, or the flag cannot be read and never could: <see langword="true"/> opens it.</summary>
    /// <value>Empty (the default): every such gate is closed, a kill switch too. What cannot be switched off should not be on.</value>
    public IDictionary<string, bool> OpenWhenUnknown { get; } = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
}
