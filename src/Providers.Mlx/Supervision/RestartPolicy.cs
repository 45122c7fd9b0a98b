namespace Providers.Mlx;

/// <summary>When a server that ended starts again: after a growing wait, and only so often in a while.</summary>
internal sealed class RestartPolicy(RestartRules rules, TimeProvider clock, Random random)
{
    private readonly Queue<long> _restarts = new();
    private int _step;

    /// <summary>Counts a restart and says how long to wait before it; <see langword="null"/> when there were too many.</summary>
    public TimeSpan? Next(TimeSpan readyFor)
    {
        long now = clock.GetTimestamp();
        if (readyFor >= rules.HealthyReset)
        {
            Reset();
        }

        while (_restarts.TryPeek(out long oldest) && clock.GetElapsedTime(oldest, now) >= rules.Window)
        {
            _restarts.Dequeue();
        }

        if (_restarts.Count >= rules.MaxRestarts)
        {
            return null;
        }

        _restarts.Enqueue(now);
        double factor = Math.Pow(2, Math.Min(_step++, 30)) * (0.8 + (0.4 * random.NextDouble()));
        return TimeSpan.FromTicks((long)Math.Min(rules.Delay.Ticks * factor, rules.MaxDelay.Ticks));
    }

    public void Reset()
    {
        _restarts.Clear();
        _step = 0;
    }
}
