namespace Providers.AspNetCore.Limits;

/// <summary>
/// A token bucket in one number: the time at which it would be full again (GCRA). Taking is a compare-and-swap; nothing runs in the
/// background, and no window's edge lets twice the rate through. Times are ticks of the clock's timestamp. Safe for concurrent use.
/// </summary>
internal sealed class TokenBucket(long ticksPerToken, long capacity)
{
    private const int MostDebt = 1440; // of the whole bucket: a day, for one that fills in a minute; a server's count may be anything

    private long _full = long.MinValue;

    public long Capacity => capacity;

    /// <summary>Gets how long one token takes to come back, in ticks.</summary>
    public long TicksPerToken => ticksPerToken;

    /// <summary>Makes a bucket that lets through so many a minute, and so many at once.</summary>
    public static TokenBucket PerMinute(long rate, long burst, TimeProvider clock) =>
        new(Math.Max(1, (long)Math.Ceiling(60.0 * clock.TimestampFrequency / rate)), burst);

    /// <summary>Takes tokens, all or none; more than the bucket ever holds count as all it holds.</summary>
    /// <param name="count">How many.</param>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="remaining">How many are left.</param>
    /// <param name="wait">How long until there are enough, in ticks; 0 when they were taken.</param>
    public bool TryTake(long count, long now, out long remaining, out long wait)
    {
        long cost = Math.Min(count, capacity) * ticksPerToken;
        long room = capacity * ticksPerToken;
        while (true)
        {
            long seen = Volatile.Read(ref _full);
            long next = Math.Max(seen, now) + cost;
            wait = next - room - now;
            if (wait > 0)
            {
                remaining = Math.Max(0, (room - (Math.Max(seen, now) - now)) / ticksPerToken);
                return false;
            }

            if (Interlocked.CompareExchange(ref _full, next, seen) == seen)
            {
                remaining = (room - (next - now)) / ticksPerToken;
                wait = 0;
                return true;
            }
        }
    }

    /// <summary>Settles an estimate: takes what was used above it, even into debt, or gives back what was not.</summary>
    public void Settle(long difference, long now)
    {
        difference = Math.Min(difference, capacity * MostDebt);
        while (difference != 0)
        {
            long seen = Volatile.Read(ref _full);
            long next = Math.Max(seen, now) + (difference * ticksPerToken);
            if (Interlocked.CompareExchange(ref _full, next, seen) == seen)
            {
                return;
            }
        }
    }

    /// <summary>Says whether the bucket has nothing to remember.</summary>
    public bool IsFull(long now) => Volatile.Read(ref _full) <= now;
}
