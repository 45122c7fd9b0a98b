namespace Providers.Testing;

/// <summary>How the wall is run.</summary>
public sealed record FaultWallOptions
{
    /// <summary>Gets what stands between the subject and the targets.</summary>
    /// <value>Default: <see cref="FaultWallWire.InProcess"/>, which needs <see cref="Clock"/>.</value>
    public FaultWallWire Wire { get; init; }

    /// <summary>Gets what makes a clock for each scenario in process.</summary>
    /// <value><see langword="null"/> (the default): only good for sockets.</value>
    public Func<IVirtualClock>? Clock { get; init; }

    /// <summary>Gets by what the times of the scenarios are multiplied over sockets.</summary>
    /// <value>0.01 to 1. Default: 0.05, so that 10 seconds become half of one.</value>
    public double TimeScale { get; init; } = 0.05;

    /// <summary>Gets a value indicating whether chat calls are streamed.</summary>
    /// <value><see langword="null"/> (the default): as the scenario says.</value>
    public bool? Streaming { get; init; }

    /// <summary>Gets the ids of the scenarios to run.</summary>
    /// <value>Default: empty, all of them.</value>
    public IReadOnlyList<string> Only { get; init; } = [];
}
