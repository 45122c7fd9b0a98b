using Providers.Timing;

namespace Providers.Circuits;

/// <summary>A validated <see cref="CircuitOptions"/> in timestamp units.</summary>
internal sealed class CircuitPlan(CircuitOptions options, Clock clock)
{
    public double FailureRatio { get; } = options.FailureRatio;

    public int MinimumThroughput { get; } = options.MinimumThroughput;

    public int ConsecutiveFailures { get; } = options.ConsecutiveFailures;

    public long SamplingDuration { get; } = clock.Units(options.SamplingDuration);

    public long BreakDuration { get; } = clock.Units(options.BreakDuration);

    public long MaxBreakDuration { get; } = clock.Units(options.MaxBreakDuration);

    public long SlowStart { get; } = clock.Units(options.SlowStart);

    public long PanicInterval { get; } = clock.Units(options.PanicInterval);
}
