using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Providers.Canary;
using Providers.Circuits;
using Providers.Plans;
using Providers.Timing;

namespace Providers.Attempts;

/// <summary>
/// One invocation of one target, and the race of its task against deadline, caller and abort. The race is lost even by a client that
/// ignores its token. Pooled: one source, one timer and one continuation serve many requests, so the happy path allocates nothing.
/// One wait at a time.
/// </summary>
#pragma warning disable CA1001 // The source has neither timer nor wait handle, so there is nothing in it to dispose; the timer goes in TryReset.
internal sealed class Attempt : IValueTaskSource<AttemptSignal>
{
    private const int Idle = 0, Waiting = 1, Signalled = 2;

    private readonly Clock _clock;
    private readonly Action _onInner;
    private readonly Lock _arming = new();
    private readonly CancellationTokenSource _source = new();
    private ManualResetValueTaskSourceCore<AttemptSignal> _core;
    private CancellationTokenRegistration _caller;
    private bool _callerWatched;
    private ITimer? _timer;
    private long _timerDue = long.MaxValue;
    private long _due;
    private long _state; // generation * 4 + phase
    private volatile bool _callerCancelled;
    private volatile bool _aborted;
    private volatile bool _innerPending;
    private Task? _innerTask;
    private Action? _whenInnerEnds;

    public Attempt(Clock clock)
    {
        _clock = clock;
        _onInner = OnInner;
    }

    public TargetPlan Target { get; private set; } = null!;

    /// <summary>Gets the target's place in its route.</summary>
    public int Index { get; private set; }

    /// <summary>Gets or sets where the outcome is compared; <see langword="null"/> where it is not.</summary>
    public CanaryArm? Comparison { get; set; }

    public Admission Admission { get; private set; }

    /// <summary>Gets when the attempt began, in timestamp units.</summary>
    public long Started { get; private set; }

    /// <summary>Gets the tokens reserved with the provider's limit.</summary>
    public int ReservedTokens { get; private set; }

    /// <summary>Gets the token the provider's client receives; it fires on deadline, on the caller's cancellation and on abort.</summary>
    public CancellationToken Token => _source.Token;

    public void Start(TargetPlan target, int index, Admission admission, int reservedTokens, long now)
    {
        Target = target;
        Index = index;
        Admission = admission;
        Started = now;
        ReservedTokens = reservedTokens;
    }

    /// <summary>Waits for a client's task.</summary>
    /// <param name="inner">The task; on anything but <see cref="AttemptSignal.Completed"/> it is left behind, its exception observed.</param>
    /// <param name="due">When the wait ends, in timestamp units.</param>
    /// <param name="caller">The caller's token; the same for all waits of an attempt.</param>
    public ValueTask<AttemptSignal> WaitAsync(Task inner, long due, CancellationToken caller)
    {
        if (inner.IsCompleted)
        {
            return new(AttemptSignal.Completed);
        }

        Begin(due);
        _innerTask = inner;
        inner.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onInner);
        return Watch(due, caller);
    }

    /// <summary>Waits for a client's enumerator. The caller takes the result from <paramref name="inner"/> itself.</summary>
    public ValueTask<AttemptSignal> WaitAsync(in ValueTask<bool> inner, long due, CancellationToken caller)
    {
        if (inner.IsCompleted)
        {
            return new(AttemptSignal.Completed);
        }

        Begin(due);
        inner.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onInner);
        return Watch(due, caller);
    }

    /// <summary>Gets a value indicating whether a client has not yet ended a task that was left behind.</summary>
    public bool IsInnerPending => _innerPending;

    /// <summary>Ends the attempt from our side.</summary>
    public void Abort()
    {
        _aborted = true;
        Finish(AttemptSignal.Aborted);
    }

    /// <summary>Runs an action once the client's pending task has ended; at once when none is pending.</summary>
    public void WhenInnerEnds(Action action)
    {
        _whenInnerEnds = action;
        Interlocked.MemoryBarrier();
        if (!_innerPending)
        {
            Interlocked.Exchange(ref _whenInnerEnds, null)?.Invoke();
        }
    }

    /// <summary>Makes the attempt ready for another request.</summary>
    /// <returns><see langword="false"/> when it must be thrown away: a client may still hold its token.</returns>
    public bool TryReset()
    {
        StopWatchingCaller();
        if (_innerPending || !_source.TryReset()) // whatever ended a wait early has cancelled the source
        {
            _timer?.Dispose();
            return false;
        }

        Target = null!;
        _innerTask = null;
        return true;
    }

    AttemptSignal IValueTaskSource<AttemptSignal>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<AttemptSignal>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<AttemptSignal>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Begin(long due)
    {
        _core.Reset();
        _innerPending = true;
        Volatile.Write(ref _due, due);
        Interlocked.Exchange(ref _state, ((_state >> 2) + 1 << 2) | Waiting);
    }

    private ValueTask<AttemptSignal> Watch(long due, CancellationToken caller)
    {
        short version = _core.Version;
        if (!_callerWatched && caller.CanBeCanceled)
        {
            _callerWatched = true;
            _caller = caller.UnsafeRegister(static state => ((Attempt)state!).OnCallerCancelled(), this);
        }

        if (_callerCancelled)
        {
            Finish(AttemptSignal.Cancelled);
        }
        else if (_aborted)
        {
            Finish(AttemptSignal.Aborted);
        }
        else
        {
            Arm(due);
        }

        return new(this, version);
    }

    private void OnCallerCancelled()
    {
        _callerCancelled = true;
        Finish(AttemptSignal.Cancelled);
    }

    private void OnInner()
    {
        _innerPending = false;
        Interlocked.MemoryBarrier();
        if (TryClaim())
        {
            _core.SetResult(AttemptSignal.Completed);
        }
        else
        {
            // Left behind: nobody else will look at what it came to.
            _ = _innerTask?.Exception;
            Interlocked.Exchange(ref _whenInnerEnds, null)?.Invoke();
        }
    }

    private void Finish(AttemptSignal signal)
    {
        // Claimed first, so that a client that obeys its token at once does not turn the signal into its own exception.
        bool claimed = TryClaim();
        CancelSource();
        if (claimed)
        {
            _core.SetResult(signal);
        }
    }

    private bool TryClaim()
    {
        long seen = Volatile.Read(ref _state);
        return (seen & 3) == Waiting && Interlocked.CompareExchange(ref _state, (seen & ~3L) | Signalled, seen) == seen;
    }

    private void CancelSource()
    {
        try
        {
            _source.Cancel();
        }
        catch (AggregateException)
        {
            // A client's callback threw; the attempt is over all the same.
        }
    }

    private void Arm(long due)
    {
        if (Volatile.Read(ref _timerDue) <= due)
        {
            return; // it fires earlier, finds the wait not due yet, and sets itself again
        }

        lock (_arming)
        {
            Schedule(due);
        }
    }

    private void Schedule(long due)
    {
        _timerDue = due;
        TimeSpan wait = _clock.Until(due);
        if (_timer is null)
        {
            using (ExecutionContext.SuppressFlow())
            {
                _timer = _clock.Provider.CreateTimer(static state => ((Attempt)state!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
            }
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        Volatile.Write(ref _timerDue, long.MaxValue);
        Interlocked.MemoryBarrier(); // pairs with Begin: either it sees no timer, or we see its wait
        long seen = Volatile.Read(ref _state);
        if ((seen & 3) != Waiting)
        {
            return;
        }

        long due = Volatile.Read(ref _due);
        if (_clock.Now < due)
        {
            lock (_arming)
            {
                if (due < _timerDue)
                {
                    Schedule(due);
                }
            }

            return;
        }

        if (Interlocked.CompareExchange(ref _state, (seen & ~3L) | Signalled, seen) == seen)
        {
            CancelSource();
            _core.SetResult(AttemptSignal.TimedOut);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StopWatchingCaller()
    {
        if (_callerWatched)
        {
            _callerWatched = false;
            _caller.Dispose();
            _caller = default;
        }
    }
}
