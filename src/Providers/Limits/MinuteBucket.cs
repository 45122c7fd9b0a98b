using Providers.Timing;

namespace Providers.Limits;

/// <summary>A token bucket that fills evenly over a minute. Reserved before sending, given back on refusal, settled after.</summary>
internal sealed class MinuteBucket
{
    private readonly double _perUnit;
    private readonly double _capacity;
    private readonly Lock _gate = new();
    private double _level;
    private long _filledAt;

    /// <param name="perMinute">How many a minute; also the burst.</param>
    /// <param name="clock">Time.</param>
    public MinuteBucket(int perMinute, Clock clock)
    {
        _capacity = perMinute;
        _perUnit = perMinute / (double)clock.Units(TimeSpan.FromMinutes(1));
        _level = perMinute;
        _filledAt = clock.Now;
    }

    /// <summary>Takes an amount if it is there; one larger than the bucket passes when the bucket is full, and leaves a debt.</summary>
    public bool TryTake(double amount, long now)
    {
        lock (_gate)
        {
            Fill(now);
            if (_level < Math.Min(amount, _capacity))
            {
                return false;
            }

            _level -= amount;
            return true;
        }
    }

    /// <summary>Gives back what was reserved and not used; a negative amount takes what was used beyond it.</summary>
    public void Settle(double unused, long now)
    {
        lock (_gate)
        {
            Fill(now);
            _level = Math.Min(_capacity, _level + unused);
        }
    }

    /// <summary>In how many units an amount will be there.</summary>
    public long RetryIn(double amount, long now)
    {
        lock (_gate)
        {
            Fill(now);
            return (long)Math.Ceiling(Math.Max(0, Math.Min(amount, _capacity) - _level) / _perUnit);
        }
    }

    private void Fill(long now)
    {
        if (now > _filledAt)
        {
            _level = Math.Min(_capacity, _level + ((now - _filledAt) * _perUnit));
            _filledAt = now;
        }
    }
}
