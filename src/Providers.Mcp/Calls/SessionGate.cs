namespace Providers.Mcp.Calls;

/// <summary>How much one session may do: a bucket of calls that fills with time, and places for calls under way.</summary>
internal sealed class SessionGate(McpDoorOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly double _perTick = options.CallsPerMinute / 60.0 / clock.TimestampFrequency;
    private double _calls = options.Burst;
    private long _filledAt = clock.GetTimestamp();
    private int _underWay;

    /// <summary>Gets a value indicating whether forgetting the gate changes nothing.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                Fill();
                return _underWay == 0 && _calls >= options.Burst;
            }
        }
    }

    /// <summary>Takes a call and a place.</summary>
    /// <returns>Zero with both taken; otherwise in how long to come back, nothing taken.</returns>
    public TimeSpan TryEnter()
    {
        lock (_gate)
        {
            Fill();
            if (_underWay >= options.MaxConcurrentCalls)
            {
                return TimeSpan.FromSeconds(1); // nobody knows when a call under way ends
            }

            if (_calls < 1)
            {
                return TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling((1 - _calls) * 60 / options.CallsPerMinute)));
            }

            _calls--;
            _underWay++;
            return TimeSpan.Zero;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _underWay--;
        }
    }

    private void Fill()
    {
        long now = clock.GetTimestamp();
        _calls = Math.Min(options.Burst, _calls + (Math.Max(0, now - _filledAt) * _perTick));
        _filledAt = now;
    }
}
