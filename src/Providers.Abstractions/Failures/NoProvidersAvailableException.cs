namespace Providers;

/// <summary>No target of the route could serve the request: each failed or was skipped.</summary>
public sealed class NoProvidersAvailableException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="route">The route's name.</param>
    /// <param name="targets">Every target with what became of it, in the order tried, then those skipped.</param>
    /// <param name="retryAfter">In how long the first of them may be tried again; <see langword="null"/> when unknown.</param>
    /// <param name="innerException">The failure the host chose to see (first or last); <see langword="null"/> when none was tried.</param>
    public NoProvidersAvailableException(string route, IReadOnlyList<TargetOutcome> targets, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(Describe(route, targets, retryAfter), innerException)
    {
        Route = route;
        Targets = targets;
        RetryAfter = retryAfter;
    }

    /// <summary>Gets the route's name.</summary>
    public string Route { get; }

    /// <summary>Gets every target with what became of it.</summary>
    public IReadOnlyList<TargetOutcome> Targets { get; }

    /// <summary>Gets in how long the first target may be tried again.</summary>
    /// <value><see langword="null"/>: unknown.</value>
    public TimeSpan? RetryAfter { get; }

    private static string Describe(string route, IReadOnlyList<TargetOutcome> targets, TimeSpan? retryAfter)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(targets);
        string when = retryAfter is { } wait ? $" The next may be tried in {wait.TotalSeconds:F1} s." : "";
        int distinct = targets.Select(static t => (t.Provider, t.Model)).Distinct().Count();
        return $"None of the {distinct} targets of route '{route}' could serve the request.{when} {string.Join(" | ", targets)}";
    }
}
