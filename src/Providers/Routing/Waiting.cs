using Providers.Attempts;
using Providers.Circuits;
using Providers.Plans;

namespace Providers.Routing;

/// <summary>What a request does when no target takes it at once: queue for a place, go back to one that may serve on a second try, wait for the first to return, or give up with every reason.</summary>
internal static class Waiting
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);

    /// <returns>The next attempt.</returns>
    /// <exception cref="NoProvidersAvailableException">There is nothing left to wait for.</exception>
    public static async ValueTask<Attempt> ForTargetAsync(Router router, Call call)
    {
        while (true)
        {
            if (await QueueAsync(router, call).ConfigureAwait(false) is { } queued)
            {
                return queued;
            }

            long wait = NextWait(router, call);
            if (wait < 0)
            {
                throw GiveUp(router, call);
            }

            await Task.Delay(router.Clock.Span(wait), router.Clock.Provider, call.Caller).ConfigureAwait(false);
            if (router.TryBeginAttempt(call) is { } attempt)
            {
                return attempt;
            }
        }
    }

    private static async ValueTask<Attempt?> QueueAsync(Router router, Call call)
    {
        TargetPlan[] targets = call.Route.Targets;
        for (int i = 0; i < targets.Length; i++)
        {
            if (call.Notes(i).Skipped is not SkipReason.Busy || !targets[i].Provider.Limits.CanQueue)
            {
                continue;
            }

            long entered = router.Clock.Now;
            using CancellationTokenSource giveUp = new(router.Clock.Until(call.Deadline), router.Clock.Provider);
            using CancellationTokenRegistration caller = call.Caller.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), giveUp);
            Task<bool>? place = targets[i].Provider.Limits.Gate.TryQueue(giveUp.Token);
            if (place is null)
            {
                continue;
            }

            bool got = await place.ConfigureAwait(false);
            router.Telemetry.Queued(targets[i].Provider.Name, router.Clock.Span(router.Clock.Now - entered));
            call.Caller.ThrowIfCancellationRequested();
            if (!got)
            {
                continue;
            }

            SkipReason reason = call.Notes(i).Skipped = router.Selector.TryTakeQueued(call, i, out Admission admission, out long now);
            if (reason is SkipReason.None)
            {
                return router.BeginAttempt(call, i, admission, now);
            }

            targets[i].Provider.Limits.Gate.Leave();
        }

        return null;
    }

    /// <summary>Opens targets for another round and says how long to wait first.</summary>
    /// <returns>The wait in timestamp units; -1 when there is nothing to wait for, or no time.</returns>
    private static long NextWait(Router router, Call call)
    {
        RetryOptions retry = call.Plan.Options.Retry;
        if (call.Attempts >= retry.MaximumAttemptsPerRequest)
        {
            return -1;
        }

        long now = router.Clock.Now;
        bool isRetry = call.Attempts > 0;
        long wait = isRetry ? RetryWait(router, call, retry, now) : FirstWait(router, call, now);
        if (wait < 0 || now + wait >= call.Deadline)
        {
            return -1;
        }

        if (isRetry)
        {
            if (!call.Plan.Budget.TryTake())
            {
                router.Telemetry.RetryBudgetRejected(call.Route.Name);
                return -1;
            }

            call.Retries++;
            call.BudgetTaken++;
            router.Telemetry.Retry(call.Route.Name);
        }

        Reopen(call, isRetry);
        return wait;
    }

    // Until the first target that could serve comes back, where the route waits that long.
    private static long FirstWait(Router router, Call call, long now)
    {
        long earliest = router.Selector.EarliestRetry(call);
        if (earliest == long.MaxValue)
        {
            return -1;
        }

        // What is free by the clock but refused all the same (busy, probing) is asked again after a short while, not at once.
        long wait = Math.Max(earliest, router.Clock.Units(ShortestWait));
        return now + wait > call.Started + router.Clock.Units(call.Route.WaitForFirst) ? -1 : wait;
    }

    private static long RetryWait(Router router, Call call, RetryOptions retry, long now)
    {
        if (call.Retries >= retry.MaxRetries)
        {
            return -1;
        }

        TargetPlan[] targets = call.Route.Targets;
        long soonest = long.MaxValue;
        for (int i = 0; i < targets.Length; i++)
        {
            if (call.Notes(i).Failure is { } failure && call.Plan.Failures[failure.Kind].Retry && targets[i].State.Circuit.State is CircuitState.Closed)
            {
                soonest = Math.Min(soonest, TargetSelector.RetryIn(call, targets[i], now));
            }
        }

        return soonest == long.MaxValue ? -1 : Math.Max(soonest, Backoff(router, retry, call.Retries));
    }

    // Capped exponential backoff with full jitter.
    private static long Backoff(Router router, RetryOptions retry, int round)
    {
        double most = Math.Min(retry.MaxDelay.Ticks, retry.BaseDelay.Ticks * Math.Pow(2, round));
        return router.Clock.Units(TimeSpan.FromTicks((long)(router.Dice.NextDouble() * most)));
    }

    private static void Reopen(Call call, bool isRetry)
    {
        call.Done.Clear();
        TargetPlan[] targets = call.Route.Targets;
        for (int i = 0; i < targets.Length; i++)
        {
            ref Call.TargetNotes notes = ref call.Notes(i);
            notes.Skipped = SkipReason.None;
            if (isRetry && notes.Failure is { } failure && !call.Plan.Failures[failure.Kind].Retry)
            {
                call.Done.Add(i); // asking again would not help
            }
        }
    }

    // Nobody took the request for the state they are in, not for what it asks.
    private static bool IsOut(Call call)
    {
        for (int i = 0; i < call.Route.Targets.Length; i++)
        {
            if (call.Notes(i).Skipped is SkipReason.CircuitOpen or SkipReason.Unhealthy or SkipReason.RateLimited or SkipReason.LimitReached or SkipReason.Busy)
            {
                return true;
            }
        }

        return false;
    }

    private static NoProvidersAvailableException GiveUp(Router router, Call call)
    {
        if (call.Attempts == 0 && call.Arm is { IsCanary: false } arm && IsOut(call))
        {
            arm.Failed(call.Started, router.Clock.Now - call.Started);
        }

        List<TargetOutcome> outcomes = call.Trail is { } trail ? [.. trail] : [];
        TargetPlan[] targets = call.Route.Targets;
        long now = router.Clock.Now;
        for (int i = 0; i < targets.Length; i++)
        {
            Call.TargetNotes notes = call.Notes(i);
            if (notes.Failure is not null)
            {
                continue;
            }

            long wait = TargetSelector.RetryIn(call, targets[i], now);
            outcomes.Add(new TargetOutcome(targets[i].Provider.Name, targets[i].ModelId)
            {
                Skipped = notes.Skipped is SkipReason.None ? SkipReason.NotReached : notes.Skipped,
                RetryAfter = wait is 0 or long.MaxValue ? null : router.Clock.Span(wait),
            });
        }

        long earliest = router.Selector.EarliestRetry(call);
        Exception? reported = call.Plan.Options.ReportedFailure is ReportedFailure.First ? call.FirstError : call.LastError;
        return new NoProvidersAvailableException(
            call.Route.Name, outcomes, earliest == long.MaxValue ? null : router.Clock.Span(earliest), reported);
    }
}
