namespace Providers.Testing.Servers;

/// <summary>A model that is loaded once for all who wait; when the last waiter leaves, the load starts over with the next.</summary>
internal sealed class LoadGate(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _ready;
    private int _waiting;
    private bool _loaded;

    public async Task WaitAsync(TimeSpan duration, CancellationToken token)
    {
        TimeSpan left;
        lock (_gate)
        {
            _ready ??= clock.GetUtcNow() + duration;
            left = _ready.Value - clock.GetUtcNow();
            _waiting++;
        }

        try
        {
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, clock, token).ConfigureAwait(false);
            }

            lock (_gate)
            {
                _loaded = true; // a timer may fire a hair before its time by the clock
            }
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
                if (_waiting == 0 && !_loaded)
                {
                    _ready = null;
                }
            }
        }
    }
}
