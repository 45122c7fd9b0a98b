using Providers.Circuits;
using Providers.Embeddings;
using Providers.Plans;
using Providers.Routing;
using Providers.Timing;

namespace Providers.Catalog;

/// <summary>Walks a route as a request would (<see cref="TargetSelector"/>), without entering a circuit or taking a place.</summary>
internal sealed class RouteExplainer(PlanSource plans, Clock clock, TargetSelector selector)
{
    private static readonly SkipReason[] s_lastResorts = [SkipReason.Unhealthy, SkipReason.CircuitOpen];

    public RouteExplanation Explain(string? name, RouteNeeds needs)
    {
        CompositePlan plan = plans.Acquire();
        try
        {
            RoutePlan route = name is null && needs.Kind is ModelCapabilities.Embeddings ? EmbeddingBatches.RouteOf(plan) : Find(plan, name);
            Call call = new();
            call.Start(plan, route, needs.LocalOnly ? new RequestPreferences { LocalOnly = true } : null, needs.Kind, clock.Now, long.MaxValue / 4, default);
            call.Needs = needs.Capabilities;
            call.Tokens = needs.Tokens;
            call.ReservedTokens = needs.Tokens;
            call.VectorSpace = needs.Kind is ModelCapabilities.Embeddings ? EmbeddingBatches.FirstOf(route)?.VectorSpace : null;
            return new RouteExplanation(route.Name, route.Policy.Kind.ToString(), [.. Order(Walk(call))]);
        }
        finally
        {
            plan.Leave();
        }
    }

    private static RoutePlan Find(CompositePlan plan, string? name)
    {
        try
        {
            return RouteTable.Find(plan, name, out _);
        }
        catch (ProviderException e)
        {
            throw new ArgumentException(e.Failure.Message, nameof(name), e);
        }
    }

    private List<RouteCandidate> Walk(Call call)
    {
        long now = clock.Now;
        List<RouteCandidate> found = [];
        TargetPlan[] targets = call.Route.Targets;
        for (int index; (index = call.Route.Policy.Peek(targets, call.Done)) >= 0; call.Done.Add(index))
        {
            TargetPlan target = targets[index];
            SkipReason reason = selector.Rule(call, target);
            reason = reason is SkipReason.None ? Condition(call, target, now) : reason;
            long wait = TargetSelector.RetryIn(call, target, now);
            found.Add(new RouteCandidate(target.Provider.Name, target.ModelId)
            {
                Skipped = reason,
                IsLastResort = Array.IndexOf(s_lastResorts, reason) >= 0,
                RetryAfter = wait == 0 ? null : wait == long.MaxValue ? TimeSpan.MaxValue : clock.Span(wait),
            });
        }

        return found;
    }

    /// <summary>What the selector would find on entering.</summary>
    private static SkipReason Condition(Call call, TargetPlan target, long now)
    {
        if (target.Provider.Limits.Domain.RetryIn(now) > 0 || target.State.PausedFor(now) > 0)
        {
            return SkipReason.RateLimited;
        }

        if (target.Provider.Health is ProviderHealth.Unhealthy)
        {
            return SkipReason.Unhealthy;
        }

        CircuitState circuit = target.State.Circuit.State;
        return circuit is CircuitState.Isolated ? SkipReason.Isolated
            : circuit is not CircuitState.Closed && target.State.Circuit.RetryIn(now) > 0 ? SkipReason.CircuitOpen
            : target.Provider.Limits.RetryIn(call.ReservedTokens, now) > 0 ? SkipReason.LimitReached
            : target.Provider.Limits.Gate.IsFull ? SkipReason.Busy
            : SkipReason.None;
    }

    private static IEnumerable<RouteCandidate> Order(List<RouteCandidate> found) => found.Where(static c => c.Skipped is SkipReason.None)
        .Concat(s_lastResorts.SelectMany(tier => found.Where(c => c.Skipped == tier)))
        .Concat(found.Where(static c => c.Skipped is not SkipReason.None && !c.IsLastResort));
}
