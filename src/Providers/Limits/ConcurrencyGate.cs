namespace Providers.Limits;

/// <summary>At most so many attempts at once, with a bounded first-come queue. Without a limit it only counts.</summary>
internal sealed class ConcurrencyGate(int? limit, int queueLimit)
{
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = new();
    private readonly Lock _gate = new();
    private int _taken;
    private volatile TaskCompletionSource? _empty;

    public int Taken => Volatile.Read(ref _taken);

    public bool IsFull => limit is { } most && Taken >= most;

    public int Queued
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public bool TryEnter()
    {
        if (limit is not { } most)
        {
            Interlocked.Increment(ref _taken);
            return true;
        }

        lock (_gate)
        {
            if (_taken >= most)
            {
                return false;
            }

            _taken++;
            return true;
        }
    }

    /// <summary>Joins the queue.</summary>
    /// <returns>A task that becomes true with a place, false when the token fired; <see langword="null"/> when the queue is full.</returns>
    public Task<bool>? TryQueue(CancellationToken giveUp)
    {
        TaskCompletionSource<bool> ticket = new();
        lock (_gate)
        {
            if (_taken < limit)
            {
                _taken++;
                return Task.FromResult(true);
            }

            if (_waiting.Count >= queueLimit)
            {
                return null;
            }

            LinkedListNode<TaskCompletionSource<bool>> place = _waiting.AddLast(ticket);
            CancellationTokenRegistration registration = giveUp.UnsafeRegister(_ => Abandon(place), null);
            _ = ticket.Task.ContinueWith(
                static (_, state) => ((CancellationTokenRegistration)state!).Unregister(),
                registration, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return ticket.Task;
    }

    public void Leave()
    {
        if (limit is null)
        {
            Interlocked.Decrement(ref _taken);
            SignalWhenEmpty();
            return;
        }

        TaskCompletionSource<bool>? next = null;
        lock (_gate)
        {
            if (_waiting.First is { } first)
            {
                next = first.Value;
                _waiting.RemoveFirst(); // the place passes on: _taken stays
            }
            else
            {
                _taken--;
            }
        }

        next?.TrySetResult(true);
        SignalWhenEmpty();
    }

    /// <summary>Completes when no attempt is under way; new ones may still come.</summary>
    public Task WhenEmpty()
    {
        TaskCompletionSource empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource waiting = Interlocked.CompareExchange(ref _empty, empty, null) ?? empty;
        SignalWhenEmpty();
        return waiting.Task;
    }

    private void SignalWhenEmpty()
    {
        if (_empty is not null && Taken == 0)
        {
            Interlocked.Exchange(ref _empty, null)?.TrySetResult();
        }
    }

    private void Abandon(LinkedListNode<TaskCompletionSource<bool>> place)
    {
        lock (_gate)
        {
            if (place.List is null)
            {
                return; // it already has its place
            }

            _waiting.Remove(place);
        }

        place.Value.TrySetResult(false);
    }
}
