namespace Providers.Testing;

/// <summary>How a subject did in one scenario, and why. Immutable.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">One sentence with the numbers.</param>
public sealed record FaultWallResult(FaultWallVerdict Verdict, string Reason)
{
    /// <summary>Gets the scenario.</summary>
    public FaultWallScenario Scenario { get; internal init; } = null!;

    /// <summary>Gets the requests each target received, in the targets' order.</summary>
    public IReadOnlyList<IReadOnlyList<LoggedRequest>> Requests { get; internal init; } = [];

    /// <summary>Gets how long the calls took, on the clock of the run.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Scenario?.Id} {Verdict}: {Reason}";
}
