using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Providers.Budgets;
using Providers.Canary;
using Providers.Circuits;
using Providers.Limits;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Plans;

/// <summary>
/// Makes a whole plan from options, or every error of them. What did not change since the plan before is taken over with its live state:
/// a reload neither reconnects a provider nor forgets an open circuit.
/// </summary>
internal sealed class PlanBuilder(PlanInput input, IServiceProvider services, CompositeTelemetry telemetry, Clock clock, Dice dice) : IAsyncDisposable
{
    private FileUsageLedger? _ledger;
    private readonly CanaryRegistry _canaries = new(telemetry.Canary, clock, dice);
    private readonly ConcurrentDictionary<string, RateDomain> _domains = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, Kept> _kept = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>The plan; <see langword="null"/> when there are errors.</returns>
    public CompositePlan? TryBuild(CompositeOptions options, ConfigurationErrors errors)
    {
        OptionsRules.Check(options, errors);
        if (options.Embeddings.Cache is not null && services.GetService<HybridCache>() is null)
        {
            errors.Add("Embeddings:Cache", "is set, but the host has no HybridCache; call services.AddHybridCache().");
        }

        List<ProviderRegistration> registrations = RegistrationReader.Read(input, options, errors);
        Dictionary<string, Kept> kept = new(StringComparer.OrdinalIgnoreCase);
        CompositePlan? plan = null;
        try
        {
            return plan = Build(options, registrations, kept, errors);
        }
        finally
        {
            if (plan is null)
            {
                _ = DisposeNewAsync(kept);
            }
        }
    }

    /// <summary>Gets what was spent; <see langword="null"/> until there is a budget.</summary>
    public BudgetBook? Book { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _canaries.Dispose();
        if (Book is { } book)
        {
            await book.DisposeAsync().ConfigureAwait(false);
        }

        _ledger?.Dispose();
    }

    // Providers without errors of their own are made whatever else is wrong, since only they know their models: so the routes are checked in the same go.
    private CompositePlan? Build(CompositeOptions options, List<ProviderRegistration> registrations, Dictionary<string, Kept> kept, ConfigurationErrors errors)
    {
        List<ProviderState> providers = [];
        foreach (ProviderRegistration registration in registrations)
        {
            if (registration.Errors.Count > 0 || string.IsNullOrWhiteSpace(registration.Name))
            {
                providers.Add(Placeholder(registration));
                continue;
            }

            Kept entry = Keep(registration, options);
            kept[registration.Name] = entry;
            providers.Add(entry.State);
        }

        if (providers.Count == 0)
        {
            return null;
        }

        RouteReader reader = new(options, providers, errors, clock, dice);
        List<RoutePlan> routes = reader.ReadRoutes();
        RoutePlan defaultRoute = reader.DefaultOf(routes);
        if (errors.Any)
        {
            return null;
        }

        Dictionary<string, RoutePlan> names = new(StringComparer.OrdinalIgnoreCase);
        Dictionary<string, RoutePlan> open = new(StringComparer.OrdinalIgnoreCase);
        reader.AddNames(routes, names, open);
        _kept = kept;
        _canaries.Attach(routes);
        RoutePlan? unpinned = reader.UnpinnedOf(defaultRoute);
        AttachBudgets(options, routes.Concat(names.Values).Concat(open.Values).Concat(unpinned is null ? [] : [unpinned]).Distinct());
        return new CompositePlan
        {
            Options = options,
            Providers = providers,
            Routes = routes,
            DefaultRoute = defaultRoute,
            Names = names.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
            OpenProviders = open.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
            Unpinned = unpinned,
            Failures = new FailureTable(options.Failures, clock),
            Budget = new RetryBudget(options.Retry.BudgetRatio, options.Retry.BudgetMinimum),
        };
    }

    private void AttachBudgets(CompositeOptions options, IEnumerable<RoutePlan> routes)
    {
        if (options.Budgets.Count == 0 && Book is null)
        {
            return;
        }

        Book ??= new BudgetBook(
            services.GetService<IUsageLedger>() ?? (options.UsageLedger is { Length: > 0 } path ? _ledger = new FileUsageLedger(path, telemetry.Log) : null), telemetry.Budgets, clock);
        Func<string, RouteBudgets?> of = Book.Use(options.Budgets);
        foreach (RoutePlan route in routes)
        {
            route.Budgets = of(route.Name);
        }
    }

    private Kept Keep(ProviderRegistration registration, CompositeOptions options)
    {
        ProviderOptions own = options.Providers.TryGetValue(registration.Name, out ProviderOptions? written) ? written : new ProviderOptions();
        string policy = Digest(own, options.Circuit);
        _kept.TryGetValue(registration.Name, out Kept? before);
        bool same = before is not null
            && (registration.Fingerprint is null ? ReferenceEquals(before.Registration, registration) : before.Registration.Fingerprint == registration.Fingerprint);
        if (same && before!.Policy == policy)
        {
            return before;
        }

        IModelProvider provider = same ? before!.State.Provider : registration.Create(services);
        RateDomain domain = _domains.GetOrAdd(own.RateLimitDomain ?? $"provider:{registration.Name}", static _ => new RateDomain());
        CircuitPlan circuits = new(options.Circuit, clock);
        ProviderState state = new(provider, new ProviderLimits(own, domain, clock),
            model => new Circuit(circuits, to => telemetry.Transition(registration.Name, model, to)));
        if (before is not null)
        {
            state.Heed(before.State); // neither reads the configuration: what an operator said holds until he says otherwise
        }

        return new Kept(registration, policy, state);
    }

    // A provider whose own section is wrong stands in for itself, so that routes naming it are not reported as well.
    private ProviderState Placeholder(ProviderRegistration registration)
    {
        CircuitPlan circuits = new(new CircuitOptions(), clock);
        string name = string.IsNullOrWhiteSpace(registration.Name) ? "?" : registration.Name;
        return new ProviderState(new MisconfiguredProvider(name, registration.Kind), new ProviderLimits(new ProviderOptions(), new RateDomain(), clock), _ => new Circuit(circuits));
    }

    private async Task DisposeNewAsync(Dictionary<string, Kept> kept)
    {
        foreach ((string name, Kept entry) in kept)
        {
            if (!_kept.TryGetValue(name, out Kept? before) || !ReferenceEquals(before.State.Provider, entry.State.Provider))
            {
                await ProviderDisposal.DisposeAsync(entry.State.Provider, telemetry.Log).ConfigureAwait(false);
            }
        }
    }

    private static string Digest(ProviderOptions own, CircuitOptions circuit) => string.Create(
        CultureInfo.InvariantCulture,
        $"{own.MaxConcurrency}|{own.QueueLimit}|{own.RequestsPerMinute}|{own.TokensPerMinute}|{own.RateLimitDomain}|{circuit.FailureRatio}|{circuit.MinimumThroughput}|{circuit.SamplingDuration}|{circuit.ConsecutiveFailures}|{circuit.BreakDuration}|{circuit.MaxBreakDuration}|{circuit.SlowStart}|{circuit.PanicInterval}");

    private sealed record Kept(ProviderRegistration Registration, string Policy, ProviderState State);
}
