namespace Providers.Canary;

/// <summary>A histogram of latencies whose buckets grow by 2^(1/8), nine percent: 1 ms to 17 minutes in 160 numbers, whatever the traffic.</summary>
internal sealed class LatencyBuckets
{
    private const int PerDoubling = 8;
    private const int Count = 160;
    private readonly int[] _counts = new int[Count];

    public long Total { get; private set; }

    public void Add(double milliseconds)
    {
        _counts[milliseconds <= 1 ? 0 : Math.Min(Count - 1, (int)(PerDoubling * Math.Log2(milliseconds)))]++;
        Total++;
    }

    public void Clear()
    {
        _counts.AsSpan().Clear();
        Total = 0;
    }

    /// <summary>The quantile in milliseconds, interpolated within its bucket; 0 when nothing was counted.</summary>
    public double Quantile(double share)
    {
        double rank = share * Total;
        double below = 0;
        for (int i = 0; i < Count; i++)
        {
            if (below + _counts[i] >= rank && _counts[i] > 0)
            {
                return Math.Pow(2, (i + ((rank - below) / _counts[i])) / PerDoubling);
            }

            below += _counts[i];
        }

        return 0;
    }

    /// <summary>The first bucket of the slowest so-large share: at most that share of the answers lies in it and above.</summary>
    public int TailStart(double share)
    {
        long above = 0;
        for (int i = Count - 1; i >= 0; i--)
        {
            above += _counts[i];
            if (above > share * Total)
            {
                return i + 1;
            }
        }

        return 0;
    }

    public long CountFrom(int bucket)
    {
        long count = 0;
        for (int i = bucket; i < Count; i++)
        {
            count += _counts[i];
        }

        return count;
    }
}
