namespace Providers.AspNetCore.Status;

/// <summary>What went through the door in the last fifteen minutes, in slots of five seconds. Counting is a few interlocked additions.</summary>
internal sealed class TrafficWindow(TimeProvider clock)
{
    public const int SlotSeconds = 5;
    public const int Slots = 180;
    private const int Buckets = 20; // of powers of two, from 1 ms

    private readonly Slot[] _slots = [.. Enumerable.Range(0, Slots).Select(static _ => new Slot())];

    /// <param name="attempts">How many attempts the answer took; 0 when that is not known.</param>
    public void Count(TimeSpan duration, bool failed, int attempts)
    {
        Slot slot = Current();
        Interlocked.Increment(ref slot.Requests);
        if (failed)
        {
            Interlocked.Increment(ref slot.Errors);
        }

        if (attempts > 1)
        {
            Interlocked.Increment(ref slot.Failovers);
        }

        int bucket = Math.Clamp((int)Math.Ceiling(Math.Log2(Math.Max(1, duration.TotalMilliseconds))), 0, Buckets - 1);
        Interlocked.Increment(ref slot.Latencies[bucket]);
    }

    /// <summary>Gets the slots, oldest first, the present one last.</summary>
    public TrafficView Snapshot()
    {
        long now = Number();
        long[] requests = new long[Slots], errors = new long[Slots], failovers = new long[Slots];
        double[] p50 = new double[Slots], p95 = new double[Slots];
        for (int i = 0; i < Slots; i++)
        {
            long number = now - Slots + 1 + i;
            if (number < 0)
            {
                continue; // before the clock's own beginning, which on many systems is the machine's start
            }

            Slot slot = _slots[(int)(number % Slots)];
            if (Volatile.Read(ref slot.Number) == number)
            {
                (requests[i], errors[i], failovers[i]) = (slot.Requests, slot.Errors, slot.Failovers);
                (p50[i], p95[i]) = (Quantile(slot.Latencies, 0.5), Quantile(slot.Latencies, 0.95));
            }
        }

        return new TrafficView(SlotSeconds, requests, errors, failovers, p50, p95);
    }

    private static double Quantile(int[] counts, double share)
    {
        int all = counts.Sum();
        double rank = all * share, seen = 0;
        for (int i = 0; i < counts.Length && all > 0; i++)
        {
            seen += counts[i];
            if (seen >= rank)
            {
                return Math.Pow(2, i);
            }
        }

        return 0;
    }

    private long Number() => clock.GetTimestamp() / (clock.TimestampFrequency * SlotSeconds);

    private Slot Current()
    {
        long number = Number();
        Slot slot = _slots[(int)(number % Slots)];
        if (Volatile.Read(ref slot.Number) != number)
        {
            lock (slot)
            {
                if (slot.Number != number)
                {
                    slot.Clear();
                    Volatile.Write(ref slot.Number, number);
                }
            }
        }

        return slot;
    }

    private sealed class Slot
    {
        public readonly int[] Latencies = new int[Buckets];
        public long Number = -1;
        public int Requests, Errors, Failovers;

        public void Clear()
        {
            Requests = Errors = Failovers = 0;
            Array.Clear(Latencies);
        }
    }
}
