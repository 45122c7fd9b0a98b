namespace Providers;

/// <summary>What a request on a route would do now. Immutable.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Policy">The selection policy's name; one that draws by chance or in turn may order another request differently.</param>
/// <param name="Candidates">The targets in the order they would be tried, then those that would not.</param>
public sealed record RouteExplanation(string Route, string Policy, IReadOnlyList<RouteCandidate> Candidates);

/// <summary>One target of a route, as a request would find it. Immutable.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model's id; <see langword="null"/> for the provider's default.</param>
public sealed record RouteCandidate(string Provider, string? Model)
{
    /// <summary>Gets why the target would be passed over.</summary>
    /// <value><see cref="SkipReason.None"/>: it takes traffic.</value>
    public SkipReason Skipped { get; init; }

    /// <summary>Gets a value indicating whether the target would be tried all the same when every other one has failed.</summary>
    public bool IsLastResort { get; init; }

    /// <summary>Gets in how long the target may be tried again.</summary>
    /// <value><see langword="null"/>: at once, or unknown.</value>
    public TimeSpan? RetryAfter { get; init; }
}
