using Providers.Circuits;
using Providers.Plans;
using Providers.Timing;

namespace Providers.Routing;

/// <summary>
/// Takes the next target for a request. First those that take traffic, as the route's policy orders them; then, so that a request is
/// never refused while something might serve it, recovering ones, and open or unhealthy ones within their probe limits (the panic rule).
/// </summary>
internal sealed class TargetSelector(Clock clock, IRouteGate? gates)
{
    /// <returns>The index of the target, entered: its circuit, limits and place are taken; -1 when none is to be had now.</returns>
    public int TryTake(Call call, out Admission admission, out long now)
    {
        now = clock.Now;
        RoutePlan route = call.Route;
        TargetPlan[] targets = route.Targets;
        while (true)
        {
            int index = call.Preferences is { Order.Count: > 0 } preferences
                ? PickPreferred(call, preferences.Order)
                : call.Arm is { IsCanary: true } && !call.Done.Contains(route.CanaryIndex) ? route.CanaryIndex
                : route.Policy.Pick(targets, call.Done);
            if (index < 0)
            {
                return TryLastResorts(call, out admission, now);
            }

            SkipReason reason = Rule(call, targets[index]);
            if (reason is SkipReason.None)
            {
                reason = TryEnter(call, targets[index], now, out admission);
                if (reason is SkipReason.None)
                {
                    call.Done.Add(index);
                    return index;
                }
            }

            call.Notes(index).Skipped = reason;
            call.Done.Add(index);
        }
    }

    /// <summary>Takes a target whose place the caller already holds, after waiting in its queue.</summary>
    /// <returns><see cref="SkipReason.None"/>, or what has changed while the request waited.</returns>
    public SkipReason TryTakeQueued(Call call, int index, out Admission admission, out long now)
    {
        now = clock.Now;
        TargetPlan target = call.Route.Targets[index];
        admission = target.State.Circuit.TryEnter(now);
        if (admission is Admission.Refused)
        {
            return Closed(target);
        }

        if (!target.Provider.Limits.TryReserve(call.ReservedTokens, now))
        {
            target.State.Circuit.Release(admission);
            return SkipReason.LimitReached;
        }

        call.Done.Add(index);
        return SkipReason.None;
    }

    /// <summary>Says why a target may never serve this request, whatever its condition.</summary>
    public SkipReason Rule(Call call, TargetPlan target)
    {
        if (call.LocalOnly && !target.IsLocal)
        {
            return SkipReason.NotLocal;
        }

        if (target.IsCanary && call.Arm is { IsCanary: false })
        {
            return SkipReason.CanaryShare;
        }

        if (target.Provider.IsDraining)
        {
            return SkipReason.Draining;
        }

        if ((target.Gate is { } gate && gates?.IsOpen(gate) is false) || (call.Route.Gate is { } whole && gates?.IsOpen(whole) is false))
        {
            return SkipReason.GateOff;
        }

        if (!Serves(call, target))
        {
            return SkipReason.MissingCapability;
        }

        if (call.FailoverDisabled && call.FirstChoice is { } first && !ReferenceEquals(first, target))
        {
            return SkipReason.Excluded;
        }

        if (target.Model is not { } model)
        {
            return call.ContextAbove > 0 ? SkipReason.ContextTooSmall : SkipReason.None;
        }

        ModelCapabilities needs = call.Kind | call.Needs | call.Route.Capabilities;
        if (model.Capabilities is not ModelCapabilities.None && (model.Capabilities & needs) != needs)
        {
            return SkipReason.MissingCapability;
        }

        return model.ContextWindow is { } window
            ? window <= call.ContextAbove || window < call.Tokens ? SkipReason.ContextTooSmall : SkipReason.None
            : call.ContextAbove > 0 ? SkipReason.ContextTooSmall : SkipReason.None;
    }

    /// <summary>In how many units the first target that could serve the request may be tried; <see cref="long.MaxValue"/> when unknown.</summary>
    public long EarliestRetry(Call call)
    {
        long now = clock.Now;
        long earliest = long.MaxValue;
        foreach (TargetPlan target in call.Route.Targets)
        {
            if (Rule(call, target) is SkipReason.None)
            {
                earliest = Math.Min(earliest, RetryIn(call, target, now));
            }
        }

        return earliest;
    }

    public static long RetryIn(Call call, TargetPlan target, long now) => Math.Max(
        Math.Max(target.State.Circuit.RetryIn(now), target.State.PausedFor(now)),
        Math.Max(target.Provider.Limits.Domain.RetryIn(now), target.Provider.Limits.RetryIn(call.ReservedTokens, now)));

    private static bool Serves(Call call, TargetPlan target) => call.Kind switch
    {
        ModelCapabilities.Embeddings => target.Embeddings is not null && (call.VectorSpace is null || target.VectorSpace == call.VectorSpace),
        ModelCapabilities.Rerank => target.Reranker is not null,
        _ => target.Chat is not null,
    };

    private static SkipReason TryEnter(Call call, TargetPlan target, long now, out Admission admission)
    {
        admission = Admission.Refused;
        TargetState state = target.State;
        if (target.Provider.Limits.Domain.RetryIn(now) > 0 || state.PausedFor(now) > 0)
        {
            return SkipReason.RateLimited;
        }

        if (target.Provider.Health is ProviderHealth.Unhealthy)
        {
            return SkipReason.Unhealthy;
        }

        if (!state.Circuit.PassesSlowStart(now))
        {
            return SkipReason.SlowStart;
        }

        admission = state.Circuit.TryEnter(now);
        return admission is Admission.Refused ? Closed(target) : TryReserve(call, target, admission, now);
    }

    private static SkipReason Closed(TargetPlan target) =>
        target.State.Circuit.State is CircuitState.Isolated ? SkipReason.Isolated : SkipReason.CircuitOpen;

    private static SkipReason TryReserve(Call call, TargetPlan target, Admission admission, long now)
    {
        if (!target.Provider.Limits.TryReserve(call.ReservedTokens, now))
        {
            target.State.Circuit.Release(admission);
            return SkipReason.LimitReached;
        }

        if (!target.Provider.Limits.Gate.TryEnter())
        {
            target.Provider.Limits.Refund(call.ReservedTokens, now);
            target.State.Circuit.Release(admission);
            return SkipReason.Busy;
        }

        return SkipReason.None;
    }

    private static int TryLastResorts(Call call, out Admission admission, long now)
    {
        foreach (SkipReason tier in (ReadOnlySpan<SkipReason>)[SkipReason.SlowStart, SkipReason.Unhealthy, SkipReason.CircuitOpen])
        {
            TargetPlan[] targets = call.Route.Targets;
            for (int i = 0; i < targets.Length; i++)
            {
                if (call.Notes(i).Skipped != tier)
                {
                    continue;
                }

                admission = tier is SkipReason.SlowStart ? targets[i].State.Circuit.TryEnter(now) : targets[i].State.Circuit.TryPanic(now);
                if (admission is Admission.Refused || TryReserve(call, targets[i], admission, now) is not SkipReason.None)
                {
                    continue;
                }

                call.Notes(i).Skipped = SkipReason.None;
                return i;
            }
        }

        admission = Admission.Refused;
        return -1;
    }

    private static int PickPreferred(Call call, IReadOnlyList<string> order)
    {
        TargetPlan[] targets = call.Route.Targets;
        foreach (string wanted in order)
        {
            for (int i = 0; i < targets.Length; i++)
            {
                if (!call.Done.Contains(i) && Matches(targets[i], wanted))
                {
                    return i;
                }
            }
        }

        for (int i = 0; i < targets.Length; i++)
        {
            if (!call.Done.Contains(i))
            {
                call.Notes(i).Skipped = SkipReason.Excluded;
                call.Done.Add(i);
            }
        }

        return -1;
    }

    private static bool Matches(TargetPlan target, string wanted) =>
        wanted.Equals(target.Provider.Name, StringComparison.OrdinalIgnoreCase)
        || (target.ModelId is { } model
            && wanted.Length == target.Provider.Name.Length + 1 + model.Length
            && wanted.StartsWith(target.Provider.Name, StringComparison.OrdinalIgnoreCase)
            && wanted[target.Provider.Name.Length] == '/'
            && wanted.EndsWith(model, StringComparison.Ordinal));
}
