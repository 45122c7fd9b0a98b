using Microsoft.Extensions.Time.Testing;

namespace Providers.Http.Tests;

/// <summary>A clock that tells when a timer is set to a given time, so that a test moves it only while somebody waits.</summary>
internal sealed class WatchedClock : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<TimeSpan> _set = [];
    private readonly Dictionary<TimeSpan, TaskCompletionSource> _waits = [];

    /// <summary>Ends when a timer has been set to this.</summary>
    public Task ArmedAsync(TimeSpan due)
    {
        lock (_lock)
        {
            if (_set.Contains(due))
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource wait = _waits.GetValueOrDefault(due) ?? new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits[due] = wait;
            return wait.Task;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Watched(this, base.CreateTimer(callback, state, dueTime, period));

    private void Note(TimeSpan due)
    {
        TaskCompletionSource? wait;
        lock (_lock)
        {
            _set.Add(due);
            _waits.Remove(due, out wait);
        }

        wait?.TrySetResult();
    }

    private sealed class Watched(WatchedClock clock, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool changed = inner.Change(dueTime, period);
            clock.Note(dueTime);
            return changed;
        }

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
