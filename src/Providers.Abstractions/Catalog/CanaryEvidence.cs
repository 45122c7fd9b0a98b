namespace Providers;

/// <summary>What both arms did in one step: the first attempt of each request. Immutable.</summary>
/// <param name="CanaryRequests">Requests of the canary's share.</param>
/// <param name="CanaryErrors">Those of them that failed.</param>
/// <param name="StableRequests">Requests of the rest.</param>
/// <param name="StableErrors">Those of them that failed.</param>
public sealed record CanaryEvidence(long CanaryRequests, long CanaryErrors, long StableRequests, long StableErrors)
{
    /// <summary>Gets the canary's 95th percentile of the time to the first content, or to the whole answer.</summary>
    /// <value>Zero: nothing was served yet.</value>
    public TimeSpan CanaryP95 { get; init; }

    /// <summary>Gets the other targets' 95th percentile.</summary>
    /// <value>Zero: nothing was served yet.</value>
    public TimeSpan StableP95 { get; init; }

    /// <summary>Gets the probability of so many more failures of a canary that is no worse.</summary>
    /// <value>0 to 1.</value>
    public double ErrorProbability { get; init; } = 1;

    /// <summary>Gets the probability of so many more slow answers of a canary that is no slower.</summary>
    /// <value>0 to 1.</value>
    public double LatencyProbability { get; init; } = 1;

    /// <summary>Gets the mean cosine similarity of a shadow's vectors with those that were served.</summary>
    /// <value><see langword="null"/>: not a shadow, or the vectors are of different lengths.</value>
    public double? Agreement { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"canary {CanaryErrors} of {CanaryRequests} failed, p95 {CanaryP95.TotalMilliseconds:F0} ms; stable {StableErrors} of {StableRequests} failed, p95 {StableP95.TotalMilliseconds:F0} ms; p(errors) {ErrorProbability:G2}, p(latency) {LatencyProbability:G2}");
}
