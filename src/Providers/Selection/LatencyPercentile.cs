namespace Providers.Selection;

/// <summary>
/// Follows the 95th percentile of a stream of latencies with one number: up by a large step when a sample is above, down by a
/// nineteenth of it when below, the step a fraction of the estimate (stochastic quantile approximation, Robbins and Monro).
/// </summary>
internal sealed class LatencyPercentile
{
    private const double Step = 0.05;
    private double _value;

    /// <summary>Gets the estimate in timestamp units; 0 until the first sample.</summary>
    public double Value => Volatile.Read(ref _value);

    public void Add(long sample)
    {
        double seen, next;
        do
        {
            seen = Volatile.Read(ref _value);
            next = seen == 0 ? Math.Max(1, sample)
                : sample > seen ? seen * (1 + Step)
                : seen * (1 - (Step / 19));
        }
        while (Interlocked.CompareExchange(ref _value, next, seen) != seen);
    }
}
