namespace Providers;

/// <summary>One route at one moment. Immutable.</summary>
/// <param name="Name">The route's name.</param>
/// <param name="Policy">The selection policy's name.</param>
/// <param name="Targets">The targets in configured order.</param>
public sealed record RouteStatus(string Name, string Policy, IReadOnlyList<TargetStatus> Targets)
{
    /// <summary>Gets a value indicating whether the route is used when a request names none.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Gets the route's canary.</summary>
    /// <value><see langword="null"/>: it has none.</value>
    public CanaryStatus? Canary { get; init; }

    /// <summary>Gets what the route needs of its targets.</summary>
    public ModelCapabilities Capabilities { get; init; }
}
