using Microsoft.Extensions.AI;
using Providers.Budgets;
using Providers.Canary;
using Providers.Selection;

namespace Providers.Plans;

/// <summary>One route as requests use it. Immutable.</summary>
internal sealed class RoutePlan
{
    private readonly bool _countsTokens;

    public RoutePlan(string name, TargetPlan[] targets, ISelectionPolicy policy, RouteOptions options, TimeoutPlan timeouts, StreamRecovery recovery)
    {
        Name = name;
        Targets = targets;
        Policy = policy;
        Capabilities = options.Capabilities;
        LocalOnly = options.LocalOnly;
        Gate = options.Gate;
        Accept = options.Accept;
        Hedging = options.Hedging;
        Recovery = recovery;
        Timeouts = timeouts;
        CanaryIndex = Array.FindIndex(targets, static t => t.IsCanary);
        WaitForFirst = options.WaitForFirst;
        ReadsNeeds = Array.Exists(targets, static t => t.Model is { } m && (m.Capabilities is not ModelCapabilities.None || m.ContextWindow is not null));
        _countsTokens = Array.Exists(targets, static t => t.Model?.ContextWindow is not null || t.Provider.Limits.CountsTokens);
    }

    public string Name { get; }

    public TargetPlan[] Targets { get; }

    /// <summary>Gets the place of the target that is a canary; -1 when none is.</summary>
    public int CanaryIndex { get; }

    /// <summary>Gets or sets the canary's rollout; set once, before the plan is published.</summary>
    public CanaryState? Canary { get; set; }

    /// <summary>Gets or sets the budgets requests draw on; <see langword="null"/> for none. Set once, before the plan is published.</summary>
    public RouteBudgets? Budgets { get; set; }

    public ISelectionPolicy Policy { get; }

    public ModelCapabilities Capabilities { get; }

    public bool LocalOnly { get; }

    public string? Gate { get; }

    public Func<ChatResponse, CancellationToken, ValueTask<bool>>? Accept { get; }

    public HedgingOptions? Hedging { get; }

    public StreamRecovery Recovery { get; }

    public TimeoutPlan Timeouts { get; }

    public TimeSpan WaitForFirst { get; }

    /// <summary>Gets a value indicating whether a request's needs matter to any target; where they do not, they are not looked for.</summary>
    public bool ReadsNeeds { get; }

    /// <summary>Gets a value indicating whether a request's length matters to any target.</summary>
    public bool CountsTokens => _countsTokens || Budgets is not null;
}
