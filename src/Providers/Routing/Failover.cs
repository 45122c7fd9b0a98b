using System.Diagnostics;
using Providers.Attempts;
using Providers.Plans;
using Providers.Telemetry;

namespace Providers.Routing;

/// <summary>
/// Runs an operation at one target after the other until one serves, the request's fault is its own, or its time is over.
/// The first attempt that completes synchronously costs no state machine; one that does not costs a small one; only failure pays for the loop.
/// </summary>
internal sealed class Failover(Router router)
{
    public Task<TResult> RunAsync<TOperation, TResult>(Call call, TOperation operation)
        where TOperation : struct, IOperation<TResult>
    {
        if (call.Route.Hedging is not null || CompositeTelemetry.IsTracing || router.TryBeginAttempt(call) is not { } attempt)
        {
            return LoopAsync<TOperation, TResult>(call, operation, null, null, default);
        }

        Task<TResult> task = Invoke<TOperation, TResult>(call, operation, attempt);
        if (task.IsCompletedSuccessfully && !operation.Judges(call, task.Result))
        {
            operation.Accept(call, attempt, task.Result);
            return task;
        }

        return FirstAsync(call, operation, attempt, task);
    }

    private static Task<TResult> Invoke<TOperation, TResult>(Call call, TOperation operation, Attempt attempt)
        where TOperation : struct, IOperation<TResult>
    {
        try
        {
            return operation.InvokeAsync(call, attempt);
        }
        catch (Exception e)
        {
            return Task.FromException<TResult>(e);
        }
    }

    private async Task<TResult> FirstAsync<TOperation, TResult>(Call call, TOperation operation, Attempt attempt, Task<TResult> task)
        where TOperation : struct, IOperation<TResult>
    {
        AttemptSignal signal = AttemptSignal.Completed;
        if (TOperation.TimesItself)
        {
            await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            signal = await attempt.WaitAsync(task, Due(call, attempt), call.Caller).ConfigureAwait(false);
        }

        if (signal is AttemptSignal.Completed && task.IsCompletedSuccessfully && !operation.Judges(call, task.Result))
        {
            TResult result = task.Result;
            operation.Accept(call, attempt, result);
            return result;
        }

        return await LoopAsync(call, operation, attempt, task, signal).ConfigureAwait(false);
    }

    private async Task<TResult> LoopAsync<TOperation, TResult>(Call call, TOperation operation, Attempt? attempt, Task<TResult>? task, AttemptSignal signal)
        where TOperation : struct, IOperation<TResult>
    {
        using Activity? outer = CompositeTelemetry.StartCall(call);
        Activity? span = null;
        try
        {
            while (true)
            {
                if (attempt is null)
                {
                    attempt = router.TryBeginAttempt(call) ?? await Waiting.ForTargetAsync(router, call).ConfigureAwait(false);
                    span = CompositeTelemetry.StartAttempt(call, attempt.Target);
                    (attempt, task, signal) = call.Route.Hedging is null
                        ? await TryAsync<TOperation, TResult>(call, operation, attempt).ConfigureAwait(false)
                        : await Hedge.RaceAsync<TOperation, TResult>(router, call, operation, attempt).ConfigureAwait(false);
                }

                ProviderFailure? refused = null;
                if (signal is AttemptSignal.Completed && task!.IsCompletedSuccessfully)
                {
                    TResult result = task.Result;
                    refused = operation.Judges(call, result) ? await JudgeAsync(call, operation, attempt, result).ConfigureAwait(false) : null;
                    if (refused is null)
                    {
                        CompositeTelemetry.EndAttempt(span, null);
                        CompositeTelemetry.EndCall(outer, call, attempt.Target);
                        operation.Accept(call, attempt, result);
                        return result;
                    }
                }

                Attempt failed = attempt;
                int index = failed.Index;
                attempt = null;
                Exception? surface = Verdict.Settle(router, call, failed, signal, task, refused);
                CompositeTelemetry.EndAttempt(span, call.Notes(index).Failure);
                span = null;
                if (surface is not null)
                {
                    throw surface;
                }
            }
        }
        catch (Exception e)
        {
            if (attempt is not null)
            {
                router.Cancel(attempt);
            }

            span?.Dispose();
            CompositeTelemetry.FailCall(outer, call, e);
            router.End(call);
            throw;
        }
    }

    /// <summary>Makes one attempt; never throws.</summary>
    internal static async Task<(Attempt Attempt, Task<TResult> Task, AttemptSignal Signal)> TryAsync<TOperation, TResult>(Call call, TOperation operation, Attempt attempt)
        where TOperation : struct, IOperation<TResult>
    {
        Task<TResult> task = Invoke<TOperation, TResult>(call, operation, attempt);
        if (TOperation.TimesItself)
        {
            await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return (attempt, task, AttemptSignal.Completed);
        }

        return (attempt, task, await attempt.WaitAsync(task, Due(call, attempt), call.Caller).ConfigureAwait(false));
    }

    private static async ValueTask<ProviderFailure?> JudgeAsync<TOperation, TResult>(Call call, TOperation operation, Attempt attempt, TResult result)
        where TOperation : struct, IOperation<TResult>
    {
        try
        {
            return await operation.JudgeAsync(call, attempt, result).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !call.Caller.IsCancellationRequested)
        {
            return new ProviderFailure(FailureKind.InvalidResponse, $"The judge of route '{call.Route.Name}' threw {e.GetType().Name}: {e.Message}");
        }
    }

    private static long Due(Call call, Attempt attempt) =>
        Math.Min(call.Deadline, attempt.Started + attempt.Target.AttemptLimit(attempt.Started));
}
