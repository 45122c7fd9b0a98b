using Providers.Attempts;
using Providers.Plans;

namespace Providers.Routing;

/// <summary>A second attempt beside a slow first one: the first to serve wins, the other is cancelled. At most one, within the retry budget.</summary>
internal static class Hedge
{
    public static async Task<(Attempt Attempt, Task<TResult> Task, AttemptSignal Signal)> RaceAsync<TOperation, TResult>(
        Router router, Call call, TOperation operation, Attempt first)
        where TOperation : struct, IOperation<TResult>
    {
        Task<(Attempt Attempt, Task<TResult> Task, AttemptSignal Signal)> one = Failover.TryAsync<TOperation, TResult>(call, operation, first);
        if (!one.IsCompleted)
        {
            await WaitAsync(one, DelayOf(router, call, first.Target), router.Clock.Provider).ConfigureAwait(false);
        }

        if (one.IsCompleted || call.Caller.IsCancellationRequested || !call.Plan.Budget.TryTake())
        {
            return await one.ConfigureAwait(false);
        }

        call.BudgetTaken++;
        if (router.TryBeginAttempt(call) is not { } second)
        {
            return await one.ConfigureAwait(false);
        }

        Task<(Attempt Attempt, Task<TResult> Task, AttemptSignal Signal)> two = Failover.TryAsync<TOperation, TResult>(call, operation, second);
        var finished = await (await Task.WhenAny(one, two).ConfigureAwait(false)).ConfigureAwait(false);
        var other = ReferenceEquals(finished.Attempt, first) ? two : one;
        if (!Served(finished))
        {
            // The quicker one failed, or the caller left: it is counted, and the slower one decides.
            Verdict.Settle(router, call, finished.Attempt, finished.Signal, finished.Task, null);
            return await other.ConfigureAwait(false);
        }

        router.Telemetry.Hedged(won: ReferenceEquals(finished.Attempt, second));
        await DropAsync(router, operation, ReferenceEquals(other, one) ? first : second, other).ConfigureAwait(false);
        return finished;
    }

    private static async Task WaitAsync(Task served, TimeSpan delay, TimeProvider clock)
    {
        using CancellationTokenSource stop = new();
        await Task.WhenAny(served, Task.Delay(delay, clock, stop.Token)).ConfigureAwait(false);
        Stop(stop);
    }

    // Synchronous on purpose: nobody listens but a timer, and a hop to another thread would make the order of events a matter of chance.
    private static void Stop(CancellationTokenSource source) => source.Cancel();

    private static bool Served<TResult>((Attempt Attempt, Task<TResult> Task, AttemptSignal Signal) run) =>
        run.Signal is AttemptSignal.Completed && run.Task.IsCompletedSuccessfully;

    private static async Task DropAsync<TOperation, TResult>(
        Router router, TOperation operation, Attempt attempt, Task<(Attempt Attempt, Task<TResult> Task, AttemptSignal Signal)> run)
        where TOperation : struct, IOperation<TResult>
    {
        attempt.Abort();
        var ended = await run.ConfigureAwait(false);
        if (Served(ended))
        {
            operation.Discard(ended.Task.Result);
        }
        else
        {
            _ = ended.Task.Exception;
        }

        router.Cancel(attempt);
    }

    private static TimeSpan DelayOf(Router router, Call call, TargetPlan target)
    {
        HedgingOptions options = call.Route.Hedging!;
        if (options.Delay is { } fixedDelay)
        {
            return fixedDelay;
        }

        double observed = target.State.Percentile.Value;
        return observed > 0 ? router.Clock.Span((long)observed) : options.InitialDelay;
    }
}
