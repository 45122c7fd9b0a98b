namespace Providers.Testing.Servers;

/// <summary>A model that is loaded once for all who wait; when the last waiter leaves, the load starts over with the next.</summary>
internal sealed class LoadGate(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _ready;
    private int _waiting;

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
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
                if (_waiting == 0 && clock.GetUtcNow() < _ready)
                {
                    _ready = null;
                }
            }
        }
    }
}
