namespace Providers;

/// <summary>What a composite has and how it is doing, with the verbs of an operator. Safe for concurrent use.</summary>
public interface IProviderCatalog
{
    /// <summary>Gets a value indicating whether the host was told to stop: it serves what it has, and is no longer ready.</summary>
    bool IsStopping => false;

    /// <summary>Gets the providers as they are now.</summary>
    /// <returns>A snapshot, in configured order.</returns>
    IReadOnlyList<ProviderStatus> GetProviders();

    /// <summary>Gets the routes as they are now.</summary>
    /// <returns>A snapshot, in configured order.</returns>
    IReadOnlyList<RouteStatus> GetRoutes();

    /// <summary>Gets what was spent of the budgets in the windows under way.</summary>
    /// <returns>A snapshot of at most 100 accounts, the most used first; empty where there are no budgets.</returns>
    IReadOnlyList<BudgetStatus> GetBudgets() => [];

    /// <summary>Says which targets a request would try now, in which order, and why not the others. Asks and changes nothing.</summary>
    /// <param name="route">The route, alias, <c>provider/model</c> or model, as in a request; <see langword="null"/>: the default route.</param>
    /// <param name="needs">What the request would need; <see langword="null"/>: chat, and nothing else.</param>
    /// <returns>A snapshot.</returns>
    /// <exception cref="ArgumentException">There is no such route.</exception>
    /// <exception cref="NotSupportedException">The catalogue is none of a composite's.</exception>
    RouteExplanation Explain(string? route = null, RouteNeeds? needs = null) => throw new NotSupportedException($"{GetType().Name} does not know how requests are routed.");

    /// <summary>Lets a provider finish what it has and gives it nothing new.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="cancellationToken">Ends the wait, not the drain.</param>
    /// <returns>A task that completes when the last attempt has ended.</returns>
    /// <exception cref="ArgumentException">There is no such provider.</exception>
    Task DrainAsync(string provider, CancellationToken cancellationToken = default);

    /// <summary>Opens the circuits of a provider, or of one of its models, until <see cref="Enable"/>.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="model">The model's id; <see langword="null"/> for all.</param>
    /// <exception cref="ArgumentException">There is no such provider or model.</exception>
    void Isolate(string provider, string? model = null);

    /// <summary>Ends a drain or an isolation and closes the circuits.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="model">The model's id; <see langword="null"/> for all.</param>
    /// <exception cref="ArgumentException">There is no such provider or model.</exception>
    void Enable(string provider, string? model = null);

    /// <summary>Promotes, pauses, resumes, aborts or restarts a route's canary. In force at once; requests under way end where they are.</summary>
    /// <param name="route">The route's name.</param>
    /// <param name="action">One of <see cref="CanaryAction.Promote"/>, <see cref="CanaryAction.Pause"/>, <see cref="CanaryAction.Resume"/>, <see cref="CanaryAction.Abort"/> and <see cref="CanaryAction.Restart"/>.</param>
    /// <exception cref="ArgumentException">There is no such route, or it has no canary.</exception>
    /// <exception cref="InvalidOperationException">It cannot be done now, for example a restart before the cool-down is over.</exception>
    void ControlCanary(string route, CanaryAction action) =>
        throw new ArgumentException($"Route '{route}' has no canary: this catalogue knows none.", nameof(route));
}
