using Providers.Circuits;
using Providers.Selection;
using Providers.Timing;

namespace Providers.Plans;

/// <summary>The live numbers of one (provider, model): shared by every route that names it, kept over reloads.</summary>
internal sealed class TargetState(string provider, string? model, Circuit circuit)
{
    private const int NoFailure = -1;
    private long _successes;
    private long _failures;
    private int _inFlight;
    private long _lastServed = long.MinValue;
    private long _pausedUntil = long.MinValue;
    private int _lastFailure = NoFailure;

    public string Provider { get; } = provider;

    public string? Model { get; } = model;

    public Circuit Circuit { get; } = circuit;

    public LatencyAverage Latency { get; } = new();

    public LatencyPercentile Percentile { get; } = new();

    public int InFlight => Volatile.Read(ref _inFlight);

    public bool WasUsed => InFlight > 0 || Volatile.Read(ref _successes) > 0 || Volatile.Read(ref _failures) > 0;

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Says whether a server that loads on demand may have to load the model first.</summary>
    public bool IsCold(long now, long keepWarm)
    {
        long last = Volatile.Read(ref _lastServed);
        return last == long.MinValue || now - last > keepWarm;
    }

    public void Served(long now, long latency)
    {
        Interlocked.Increment(ref _successes);
        Volatile.Write(ref _lastServed, now);
        Latency.Add(latency);
        Percentile.Add(latency);
    }

    public void Failed(FailureKind kind)
    {
        Interlocked.Increment(ref _failures);
        Volatile.Write(ref _lastFailure, (int)kind);
    }

    /// <summary>In how many units the target may be asked again after it asked to be left alone; 0: now.</summary>
    public long PausedFor(long now)
    {
        long until = Volatile.Read(ref _pausedUntil);
        return until <= now ? 0 : until - now;
    }

    public void PauseUntil(long until) => Volatile.Write(ref _pausedUntil, until);

    public void Reset()
    {
        Volatile.Write(ref _pausedUntil, long.MinValue);
        Circuit.Close();
    }

    public TargetStatus Snapshot(Clock clock)
    {
        long now = clock.Now;
        long wait = Math.Max(Circuit.RetryIn(now), PausedFor(now));
        double latency = Latency.Value;
        int last = Volatile.Read(ref _lastFailure);
        return new TargetStatus(Provider, Model)
        {
            Circuit = Circuit.State,
            RetryAfter = wait == 0 ? null : wait == long.MaxValue ? TimeSpan.MaxValue : clock.Span(wait),
            InFlight = InFlight,
            Successes = Volatile.Read(ref _successes),
            Failures = Volatile.Read(ref _failures),
            Latency = latency == 0 ? null : clock.Span((long)latency),
            LastFailure = last == NoFailure ? null : (FailureKind)last,
        };
    }
}
