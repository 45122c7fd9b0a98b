namespace Providers;

/// <summary>One canary at one moment. Immutable.</summary>
/// <param name="Target">The target, as <c>provider</c> or <c>provider/model</c>.</param>
/// <param name="Phase">Where the rollout stands.</param>
/// <param name="Weight">The share of the route's requests, in percent.</param>
public sealed record CanaryStatus(string Target, CanaryPhase Phase, double Weight)
{
    /// <summary>Gets a value indicating whether the canary answers nobody and is only compared.</summary>
    public bool IsShadow { get; init; }

    /// <summary>Gets why the rollout waits, as <see cref="CanaryDecision.Reason"/> spells it.</summary>
    /// <value><see langword="null"/>: it does not wait.</value>
    public string? PausedFor { get; init; }

    /// <summary>Gets in how long it may begin again.</summary>
    /// <value><see langword="null"/>: now, or it has not ended.</value>
    public TimeSpan? CooldownLeft { get; init; }

    /// <summary>Gets what both arms did since the step began.</summary>
    public CanaryEvidence Evidence { get; init; } = new(0, 0, 0, 0);

    /// <summary>Gets the last decisions, at most 100, the oldest first.</summary>
    public IReadOnlyList<CanaryDecision> Decisions { get; init; } = [];
}
