namespace Providers.Selection;

/// <summary>
/// A moving average of latency that jumps to a peak at once and decays slowly (Finagle's peak EWMA), in timestamp units; 0 until the first sample.
/// </summary>
internal sealed class LatencyAverage
{
    private const double Weight = 0.1;
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public void Add(long sample)
    {
        double seen, next;
        do
        {
            seen = Volatile.Read(ref _value);
            next = seen == 0 || sample > seen ? Math.Max(1, sample) : seen + (Weight * (sample - seen));
        }
        while (Interlocked.CompareExchange(ref _value, next, seen) != seen);
    }
}
