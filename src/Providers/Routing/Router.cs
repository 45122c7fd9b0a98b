using Microsoft.Extensions.AI;
using Providers.Attempts;
using Providers.Budgets;
using Providers.Circuits;
using Providers.Plans;
using Providers.Streaming;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Routing;

/// <summary>Begins and ends calls and attempts, and keeps every count: circuit, limits, averages, budget, metrics. Each outcome is reported once.</summary>
internal sealed class Router(Clock clock, PlanSource plans, TargetSelector selector, CompositeTelemetry telemetry, Dice dice)
{
    private readonly Pool<Call> _calls = new(64);
    private readonly Pool<Attempt> _attempts = new(64);
    private readonly Pool<StreamAssembly> _assemblies = new(64);

    public Clock Clock { get; } = clock;

    public TargetSelector Selector { get; } = selector;

    public CompositeTelemetry Telemetry { get; } = telemetry;

    public Dice Dice { get; } = dice;

    /// <summary>Takes the plan in force for several calls; to be left by the caller.</summary>
    public CompositePlan Acquire() => plans.Acquire();

    /// <summary>Finds the route of a name in the plan in force and begins a call on it.</summary>
    public Call Begin(string? name, RequestPreferences? preferences, ModelCapabilities kind, CancellationToken caller) =>
        Begin(plans.Acquire(), name, preferences, kind, caller);

    /// <summary>Begins a call on a plan that was entered for it; the call's end leaves it.</summary>
    public Call Begin(CompositePlan plan, string? name, RequestPreferences? preferences, ModelCapabilities kind, CancellationToken caller)
    {
        try
        {
            RoutePlan route = RouteTable.Find(plan, name, out string? model);
            if (route.Budgets is { } budgets)
            {
                CheckBudget(route, budgets, preferences);
            }

            Call call = _calls.TryRent() ?? new Call();
            long total = route.Timeouts.Total;
            if (preferences?.TotalTimeout is { } shorter)
            {
                total = Math.Min(total, Clock.Units(shorter));
            }

            call.Start(plan, route, preferences, kind, Clock.Now, total, caller);
            call.ModelOverride = model;
            if (route.Canary is { } canary && preferences is not { Order.Count: > 0 })
            {
                call.Arm = canary.Assign(preferences?.StickyKey);
            }

            return call;
        }
        catch
        {
            plan.Leave();
            throw;
        }
    }

    public void End(Call call)
    {
        CompositePlan plan = call.Plan;
        if (call.BudgetTaken > 0)
        {
            plan.Budget.Return(call.BudgetTaken);
        }

        Telemetry.Calls.Ended(call, Clock);
        call.Clear();
        _calls.Return(call);
        plan.Leave();
    }

    private void CheckBudget(RoutePlan route, RouteBudgets budgets, RequestPreferences? preferences)
    {
        try
        {
            budgets.Check(preferences?.Tenant);
        }
        catch (ProviderException e)
        {
            Telemetry.Calls.Refused(route.Name, e.Kind);
            throw;
        }
    }

    /// <summary>Takes the next target and begins an attempt at it.</summary>
    /// <returns><see langword="null"/> when none is to be had now.</returns>
    public Attempt? TryBeginAttempt(Call call)
    {
        if (call.Attempts >= call.Plan.Options.Retry.MaximumAttemptsPerRequest)
        {
            return null;
        }

        int index = Selector.TryTake(call, out Admission admission, out long now);
        return index < 0 ? null : BeginAttempt(call, index, admission, now);
    }

    public Attempt BeginAttempt(Call call, int index, Admission admission, long now)
    {
        Attempt attempt = _attempts.TryRent() ?? new Attempt(Clock);
        attempt.Start(call.Route.Targets[index], index, admission, call.ReservedTokens, now);
        attempt.Comparison = call.Arm is { } arm && call.Attempts == 0 && arm.IsCanary == attempt.Target.IsCanary ? arm : null;
        attempt.Target.State.Enter();
        if (call.Trail is { } trail && trail[^1] is { Failure: { } failure } last && last.Provider != attempt.Target.Provider.Name)
        {
            Telemetry.FailedOver(last.Provider, attempt.Target.Provider.Name, failure.Kind);
        }

        call.Attempts++;
        call.FirstChoice ??= attempt.Target;
        return attempt;
    }

    /// <summary>The target served.</summary>
    /// <param name="latency">The time to the first content, or to the whole answer where it was not streamed.</param>
    /// <param name="usage">What the answer says was used; <see langword="null"/> when it does not say.</param>
    public void Succeed(Call call, Attempt attempt, long latency, UsageDetails? usage)
    {
        TargetPlan target = attempt.Target;
        call.Served = true;
        if (call.Route.Budgets is not null || Telemetry.Calls.CountsTokens)
        {
            Spending spent = Spending.Of(call, target, usage);
            call.Route.Budgets?.Spend(call.Preferences?.Tenant, spent.Total, spent.Cost ?? 0);
            Telemetry.Calls.Spent(call, target, spent);
        }

        long now = attempt.Started + latency;
        target.State.Served(now, latency);
        target.State.Circuit.Succeed(attempt.Admission, now);
        if (usage is not null && target.Provider.Limits.CountsTokens)
        {
            target.Provider.Limits.Settle(attempt.ReservedTokens, usage.TotalTokenCount ?? (usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0), now);
        }

        attempt.Comparison?.Served(attempt.Started, latency);
        Telemetry.Attempt(target, null);
        Telemetry.Calls.Attempted(call, attempt, Clock, null);
        Release(attempt);
    }

    /// <summary>The target failed.</summary>
    public void Fail(Call call, Attempt attempt, ProviderFailure failure, Exception error)
    {
        TargetPlan target = attempt.Target;
        long now = Clock.Now;
        FailureTable.Entry rule = call.Plan.Failures[failure.Kind];
        target.State.Failed(failure.Kind);
        if (rule.Trips)
        {
            target.State.Circuit.Fail(attempt.Admission, now);
        }
        else
        {
            target.State.Circuit.Release(attempt.Admission);
        }

        long most = Clock.Units(call.Plan.Options.Retry.MaxRetryAfter);
        long pause = failure.RetryAfter is { } wait ? Math.Min(Clock.Units(wait), most) : rule.Pause;
        if (failure.Kind is FailureKind.RateLimited)
        {
            target.Provider.Limits.Refund(attempt.ReservedTokens, now);
            target.Provider.Limits.Domain.HoldUntil(now + pause);
        }
        else if (pause > 0 && rule.Trips && failure.RetryAfter is null)
        {
            target.State.Circuit.OpenFor(pause, now); // a refused key, no quota, no such model: not to be asked again soon
        }
        else if (pause > 0)
        {
            target.State.PauseUntil(now + pause);
        }

        if (RefusedUnread(failure.Kind))
        {
            target.Provider.Limits.Settle(attempt.ReservedTokens, 0, now);
        }

        call.Notes(attempt.Index).Failure = failure;
        call.Record(
            new TargetOutcome(target.Provider.Name, target.ModelId ?? call.ModelOverride)
            {
                Failure = failure,
                Duration = Clock.Span(now - attempt.Started),
                RetryAfter = pause > 0 ? Clock.Span(pause) : null,
            },
            error);
        attempt.Comparison?.Failed(attempt.Started, now - attempt.Started);
        Telemetry.Attempt(target, failure);
        Telemetry.Calls.Attempted(call, attempt, Clock, failure);
        Telemetry.Log.AttemptFailed(target.Provider.Name, target.ModelId, failure.Kind, Clock.Span(now - attempt.Started).TotalMilliseconds, call.Route.Name, failure.Message);
        Release(attempt);
    }

    /// <summary>The attempt ended without saying anything of the target: the caller left, or a hedge won.</summary>
    public void Cancel(Attempt attempt)
    {
        attempt.Target.State.Circuit.Release(attempt.Admission);
        Release(attempt);
    }

    public StreamAssembly RentAssembly() => _assemblies.TryRent() ?? new StreamAssembly();

    public void Return(StreamAssembly assembly)
    {
        assembly.Clear();
        _assemblies.Return(assembly);
    }

    // The server said no before it read a token or wrote one: nothing of what was reserved was used. (A rate limit gives the request back as well.)
    private static bool RefusedUnread(FailureKind kind) => kind is FailureKind.Overloaded or FailureKind.ModelLoading or FailureKind.ModelMissing
        or FailureKind.AuthFailed or FailureKind.QuotaExhausted or FailureKind.BadRequest or FailureKind.ContextLengthExceeded;

    private void Release(Attempt attempt)
    {
        TargetPlan target = attempt.Target;
        target.State.Leave();
        target.Provider.Limits.Gate.Leave();
        if (attempt.TryReset())
        {
            _attempts.Return(attempt);
        }
    }
}
