using Providers.Timing;

namespace Providers.Selection;

/// <summary>Makes the policy a route names.</summary>
internal static class SelectionPolicies
{
    public static ISelectionPolicy Create(SelectionPolicy kind, Dice dice) => kind switch
    {
        SelectionPolicy.Weighted => new WeightedPolicy(dice),
        SelectionPolicy.RoundRobin => new RoundRobinPolicy(),
        SelectionPolicy.LeastPending => new LeastPendingPolicy(),
        SelectionPolicy.LeastLatency => new LeastLatencyPolicy(dice),
        SelectionPolicy.Cheapest => new CheapestPolicy(),
        _ => new PriorityPolicy(),
    };
}
