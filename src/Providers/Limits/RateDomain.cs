namespace Providers.Limits;

/// <summary>An account that several providers may share: when one is told to wait, all wait.</summary>
internal sealed class RateDomain
{
    private long _until = long.MinValue;

    /// <summary>In how many units requests may go out again; 0: now.</summary>
    public long RetryIn(long now)
    {
        long until = Volatile.Read(ref _until);
        return until <= now ? 0 : until - now;
    }

    /// <summary>Holds requests until a moment; a later one already set stays.</summary>
    public void HoldUntil(long until)
    {
        long seen;
        do
        {
            seen = Volatile.Read(ref _until);
        }
        while (until > seen && Interlocked.CompareExchange(ref _until, until, seen) != seen);
    }

    public void Release() => Volatile.Write(ref _until, long.MinValue);
}
