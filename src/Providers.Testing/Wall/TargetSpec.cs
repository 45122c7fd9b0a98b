using Providers.Testing.Faults;

namespace Providers.Testing.Wall;

/// <summary>One target of a scenario before it stands.</summary>
internal sealed record TargetSpec(FaultSequence Faults)
{
    public int Space { get; init; }

    public int Context { get; init; } = 8_192;

    public string? Domain { get; init; }

    public bool Loads { get; init; }

    /// <summary>The keys a subject gets, the first of them refused; only on a wire that has keys.</summary>
    public int Keys { get; init; }

    /// <summary>How long the target is down from the start of the scenario on.</summary>
    public TimeSpan Down { get; init; }

    public static TargetSpec Healthy { get; } = new(FaultSequence.Forever(Fault.None));
}
