namespace Providers.Circuits;

/// <summary>Counts successes and failures over a sliding window of ten buckets. A count is one interlocked step; turning a bucket takes the lock.</summary>
internal sealed class FailureWindow
{
    private const int Buckets = 10;
    private readonly long _bucketLength;
    private readonly int[] _successes = new int[Buckets];
    private readonly int[] _failures = new int[Buckets];
    private readonly Lock _turning = new();
    private long _current = long.MinValue;

    /// <param name="length">The window's length in timestamp units, at least ten.</param>
    public FailureWindow(long length) => _bucketLength = Math.Max(1, length / Buckets);

    public void AddSuccess(long now) => Interlocked.Increment(ref _successes[TurnTo(now)]);

    public (int Failures, int Total) AddFailure(long now)
    {
        Interlocked.Increment(ref _failures[TurnTo(now)]);
        return Sum();
    }

    public (int Failures, int Total) Read(long now)
    {
        TurnTo(now);
        return Sum();
    }

    public void Clear()
    {
        lock (_turning)
        {
            Array.Clear(_successes);
            Array.Clear(_failures);
        }
    }

    private (int Failures, int Total) Sum()
    {
        int failures = 0, total = 0;
        for (int i = 0; i < Buckets; i++)
        {
            failures += Volatile.Read(ref _failures[i]);
            total += Volatile.Read(ref _successes[i]);
        }

        return (failures, total + failures);
    }

    private int TurnTo(long now)
    {
        long bucket = now / _bucketLength;
        if (bucket > Volatile.Read(ref _current))
        {
            lock (_turning)
            {
                if (bucket > _current)
                {
                    // A first or long idle window has nothing older than ten buckets to clear.
                    long first = _current == long.MinValue ? bucket - Buckets + 1 : Math.Max(_current + 1, bucket - Buckets + 1);
                    for (long stale = first; stale <= bucket; stale++)
                    {
                        int index = IndexOf(stale);
                        Volatile.Write(ref _successes[index], 0);
                        Volatile.Write(ref _failures[index], 0);
                    }

                    Volatile.Write(ref _current, bucket);
                }
            }
        }

        return IndexOf(bucket);
    }

    // Timestamps may start anywhere, below zero too.
    private static int IndexOf(long bucket) => (int)(((bucket % Buckets) + Buckets) % Buckets);
}
