using System.Collections.Frozen;
using Providers.Limits;

namespace Providers.Plans;

/// <summary>A whole validated configuration, swapped at once. Requests count themselves in and out, so that what a newer plan dropped is disposed after its last request.</summary>
internal sealed class CompositePlan
{
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _retired;

    public required CompositeOptions Options { get; init; }

    public required IReadOnlyList<ProviderState> Providers { get; init; }

    public required IReadOnlyList<RoutePlan> Routes { get; init; }

    public required RoutePlan DefaultRoute { get; init; }

    /// <summary>Gets everything a request may name: routes, aliases, <c>provider/model</c>, models.</summary>
    public required FrozenDictionary<string, RoutePlan> Names { get; init; }

    /// <summary>Gets the providers that take models they did not declare, by name.</summary>
    public required FrozenDictionary<string, RoutePlan> OpenProviders { get; init; }

    /// <summary>Gets the targets of the default route that serve whatever model is named; <see langword="null"/> when there are none.</summary>
    public required RoutePlan? Unpinned { get; init; }

    public required FailureTable Failures { get; init; }

    public required RetryBudget Budget { get; init; }

    /// <summary>Gets a task that completes when the plan is retired and its last request has ended.</summary>
    public Task Idle => _idle.Task;

    public void Enter() => Budget.Enter();

    public void Leave()
    {
        Budget.Leave();
        if (_retired)
        {
            SignalWhenIdle();
        }
    }

    public void Retire()
    {
        _retired = true;
        Interlocked.MemoryBarrier();
        SignalWhenIdle();
    }

    private void SignalWhenIdle()
    {
        if (Budget.Requests == 0)
        {
            _idle.TrySetResult();
        }
    }
}
