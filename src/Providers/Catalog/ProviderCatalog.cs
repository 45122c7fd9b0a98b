using Providers.Plans;
using Providers.Routing;
using Providers.Timing;

namespace Providers.Catalog;

/// <inheritdoc/>
internal sealed class ProviderCatalog(PlanSource plans, Clock clock, TargetSelector selector) : IProviderCatalog
{
    public bool IsStopping => plans.IsStopping;

    private readonly RouteExplainer _explainer = new(plans, clock, selector);

    public IReadOnlyList<ProviderStatus> GetProviders() =>
    [
        .. plans.Current.Providers.Select(p => new ProviderStatus(p.Provider.Descriptor, p.Health)
        {
            HealthDetail = p.HealthDetail,
            IsDraining = p.IsDraining,
            InFlight = p.Limits.Gate.Taken,
            Targets = [.. p.Targets.Select(t => t.Snapshot(clock))],
        }),
    ];

    public IReadOnlyList<RouteStatus> GetRoutes()
    {
        CompositePlan plan = plans.Current;
        return
        [
            .. plan.Routes.Select(r => new RouteStatus(r.Name, r.Policy.Kind.ToString(), [.. r.Targets.Select(t => t.State.Snapshot(clock))])
            {
                IsDefault = ReferenceEquals(r, plan.DefaultRoute),
                Capabilities = r.Capabilities,
                Canary = r.Canary?.Snapshot(),
            }),
        ];
    }

    public IReadOnlyList<BudgetStatus> GetBudgets() => plans.Book?.Snapshot(100) ?? [];

    public RouteExplanation Explain(string? route = null, RouteNeeds? needs = null) => _explainer.Explain(route, needs ?? new RouteNeeds());

    public Task DrainAsync(string provider, CancellationToken cancellationToken = default)
    {
        ProviderState state = Find(provider);
        state.IsDraining = true;
        return state.Limits.Gate.WhenEmpty().WaitAsync(cancellationToken);
    }

    public void Isolate(string provider, string? model = null)
    {
        foreach (TargetState target in Targets(Find(provider), model))
        {
            target.Circuit.Isolate();
        }
    }

    public void Enable(string provider, string? model = null)
    {
        ProviderState state = Find(provider);
        foreach (TargetState target in Targets(state, model))
        {
            target.Reset();
        }

        state.IsDraining = false;
        state.Limits.Domain.Release();
    }

    public void ControlCanary(string route, CanaryAction action)
    {
        IReadOnlyList<RoutePlan> routes = plans.Current.Routes;
        RoutePlan found = routes.FirstOrDefault(r => r.Name.Equals(route, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"There is no route '{route}'. Routes are: {string.Join(", ", routes.Select(static r => r.Name))}.", nameof(route));
        (found.Canary ?? throw new ArgumentException($"Route '{found.Name}' has no canary; give one of its targets a Canary section.", nameof(route))).Apply(action);
    }

    private ProviderState Find(string provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        IReadOnlyList<ProviderState> all = plans.Current.Providers;
        return all.FirstOrDefault(p => p.Name.Equals(provider, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"There is no provider '{provider}'. Providers are: {string.Join(", ", all.Select(static p => p.Name))}.", nameof(provider));
    }

    private static TargetState[] Targets(ProviderState state, string? model)
    {
        TargetState[] targets = [.. state.Targets.Where(t => model is null || t.Model == model)];
        return targets.Length > 0 || model is null
            ? targets
            : throw new ArgumentException($"Provider '{state.Name}' has no target with model '{model}'. It has: {string.Join(", ", state.Targets.Select(static t => t.Model ?? "(default)"))}.", nameof(model));
    }
}
