namespace Providers;

/// <summary>One target's live numbers at one moment. Immutable.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model's id; <see langword="null"/> for the provider's default.</param>
public sealed record TargetStatus(string Provider, string? Model)
{
    /// <summary>Gets the circuit's state.</summary>
    public CircuitState Circuit { get; init; }

    /// <summary>Gets in how long the target may be tried again.</summary>
    /// <value><see langword="null"/>: now.</value>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the number of attempts under way.</summary>
    public int InFlight { get; init; }

    /// <summary>Gets the number of attempts that succeeded since start.</summary>
    public long Successes { get; init; }

    /// <summary>Gets the number of attempts that failed since start; a caller's cancellation is neither.</summary>
    public long Failures { get; init; }

    /// <summary>Gets the moving average of the time to the first content.</summary>
    /// <value><see langword="null"/>: nothing was served yet.</value>
    public TimeSpan? Latency { get; init; }

    /// <summary>Gets the last failure's kind.</summary>
    /// <value><see langword="null"/>: none yet.</value>
    public FailureKind? LastFailure { get; init; }
}
