using Providers.Attempts;
using Providers.Plans;

namespace Providers.Routing;

/// <summary>Decides what a failed attempt means for its request: go on, or tell the caller.</summary>
internal static class Verdict
{
    /// <summary>Reports a failed attempt.</summary>
    /// <returns>What the caller must see now; <see langword="null"/> when another target may be tried.</returns>
    public static Exception? Settle<TResult>(Router router, Call call, Attempt attempt, AttemptSignal signal, Task<TResult>? task, ProviderFailure? refused)
    {
        if (signal is AttemptSignal.Cancelled || call.Caller.IsCancellationRequested)
        {
            router.Cancel(attempt);
            return new OperationCanceledException(call.Caller);
        }

        TargetPlan target = attempt.Target;
        Exception? thrown = task?.Exception?.InnerException ?? CancellationOf(task);
        ProviderFailure failure = refused
            ?? (signal is AttemptSignal.TimedOut ? TimedOut(router, call, attempt) : Classify(target, thrown!)); // completed without an answer, so it threw
        ProviderException error = Wrap(failure, target, thrown);
        router.Fail(call, attempt, failure, error);
        return Decide(router, call, target, error);
    }

    /// <summary>Says what an exception of a provider's client means; one that only looks like a cancellation is a time-out.</summary>
    public static ProviderFailure Classify(TargetPlan target, Exception thrown)
    {
        ProviderFailure failure = thrown switch
        {
            ProviderException known => known.Failure,
            _ => target.Provider.Provider.Classify(thrown),
        };
        return failure.Kind is FailureKind.Cancelled
            ? new ProviderFailure(FailureKind.TimedOut, $"The provider cancelled the request itself: {failure.Message}") { Status = failure.Status, Code = failure.Code }
            : failure;
    }

    public static ProviderException Wrap(ProviderFailure failure, TargetPlan target, Exception? thrown) =>
        thrown is ProviderException known && known.Provider == target.Provider.Name && ReferenceEquals(known.Failure, failure)
            ? known
            : new ProviderException(failure, target.Provider.Name, target.ModelId, thrown);

    // An async client that gives up waiting ends cancelled, not faulted; what it threw is only to be had by asking.
    private static OperationCanceledException? CancellationOf<TResult>(Task<TResult>? task)
    {
        try
        {
            _ = task is { IsCanceled: true } ? task.GetAwaiter().GetResult() : default;
            return null;
        }
        catch (OperationCanceledException e)
        {
            return e;
        }
    }

    private static ProviderException? Decide(Router router, Call call, TargetPlan target, ProviderException error)
    {
        ProviderFailure failure = error.Failure;
        if (router.Clock.Now >= call.Deadline)
        {
            router.Telemetry.DeadlineExceeded(call.Route.Name);
            return Surface(call, error);
        }

        bool couldDiffer = failure.Kind switch
        {
            FailureKind.ContextLengthExceeded => RequireLargerContext(router, call, target, failure),
            FailureKind.BadRequest => failure.MissingCapability is not ModelCapabilities.None && RequireCapability(call, failure),
            _ => false,
        };
        bool goOn = failure.Kind is FailureKind.ContextLengthExceeded ? couldDiffer && call.Plan.Failures[failure.Kind].FailOver
            : couldDiffer || call.Plan.Failures[failure.Kind].FailOver;
        return goOn ? null : Surface(call, error);
    }

    private static ProviderException Surface(Call call, ProviderException error) =>
        new(error.Failure, error.Provider, error.Model, error.InnerException ?? error) { Attempts = [.. call.Trail!] };

    private static bool RequireCapability(Call call, ProviderFailure failure)
    {
        call.Needs |= failure.MissingCapability;
        return true;
    }

    private static bool RequireLargerContext(Router router, Call call, TargetPlan target, ProviderFailure failure)
    {
        int tooSmall = Math.Max(failure.ContextWindow ?? 0, target.Model?.ContextWindow ?? 0);
        call.ContextAbove = Math.Max(call.ContextAbove, Math.Max(1, tooSmall));
        TargetPlan[] targets = call.Route.Targets;
        for (int i = 0; i < targets.Length; i++)
        {
            if (!call.Done.Contains(i) && router.Selector.Rule(call, targets[i]) is SkipReason.None)
            {
                return true;
            }
        }

        return false;
    }

    private static ProviderFailure TimedOut(Router router, Call call, Attempt attempt)
    {
        TimeSpan spent = router.Clock.Span(router.Clock.Now - attempt.Started);
        string which = router.Clock.Now >= call.Deadline ? "the request's total deadline" : "the attempt's deadline";
        return new ProviderFailure(FailureKind.TimedOut, $"No answer within {spent.TotalSeconds:0.###} s: {which} passed.");
    }
}
