namespace Providers.Mlx;

/// <summary>What the requests on one server have seen: how many are under way, and when the last byte came. Safe for concurrent use.</summary>
internal sealed class ServerActivity(TimeProvider clock)
{
    private int _inFlight;
    private long _lastByte;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>How long ago the last byte of any answer came; <see langword="null"/> when none ever did.</summary>
    public TimeSpan? SinceLastByte => Volatile.Read(ref _lastByte) is var at && at is 0 ? null : clock.GetElapsedTime(at);

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    public void NoteByte() => Volatile.Write(ref _lastByte, Math.Max(1, clock.GetTimestamp()));

    /// <summary>Forgets the bytes of an earlier process.</summary>
    public void Reset() => Volatile.Write(ref _lastByte, 0);
}
