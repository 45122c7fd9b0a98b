using System.Globalization;
using Providers.Timing;

namespace Providers.Canary;

/// <summary>A canary's options, checked and in timestamp units. Immutable.</summary>
internal sealed class CanaryPlan
{
    private static readonly double[] Usual = [1, 5, 25, 50, 100];

    public CanaryPlan(CanaryOptions options, Clock clock)
    {
        IEnumerable<double> steps = options.Steps.Count == 0 ? Usual : options.Steps;
        Steps = [.. steps.Where(static s => s < 100)];
        Promotes = !options.Shadow && (options.Steps.Count == 0 || options.Steps[^1] >= 100);
        Shadow = options.Shadow;
        StepDuration = clock.Units(options.StepDuration);
        StepRequests = options.StepRequests;
        IntervalSpan = options.Interval;
        MaxErrorIncrease = options.MaxErrorIncrease;
        ErrorRequests = options.ErrorRequests;
        MaxLatencyRatio = options.MaxLatencyRatio;
        LatencyRequests = options.LatencyRequests;
        HardStop = options.HardStop;
        ProgressDeadline = clock.Units(options.ProgressDeadline);
        Cooldown = clock.Units(options.Cooldown);
        Significance = options.Significance;
        Digest = string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(',', options.Steps)}|{Shadow}|{StepDuration}|{StepRequests}|{IntervalSpan}|{MaxErrorIncrease}|{ErrorRequests}|{MaxLatencyRatio}|{LatencyRequests}|{Significance}|{HardStop}|{ProgressDeadline}|{Cooldown}");
    }

    /// <summary>Gets the shares below 100, in percent; empty when the only step is 100.</summary>
    public double[] Steps { get; }

    /// <summary>Gets a value indicating whether the last step leads to all of the traffic.</summary>
    public bool Promotes { get; }

    public bool Shadow { get; }

    public long StepDuration { get; }

    public int StepRequests { get; }

    public TimeSpan IntervalSpan { get; }

    public double MaxErrorIncrease { get; }

    public int ErrorRequests { get; }

    public double MaxLatencyRatio { get; }

    public int LatencyRequests { get; }

    /// <summary>Gets the probability of a wrong rollback over the whole rollout.</summary>
    public double Significance { get; }

    public double HardStop { get; }

    public long ProgressDeadline { get; }

    public long Cooldown { get; }

    /// <summary>Gets everything the rollout depends on, as text: equal means that it goes on over a reload.</summary>
    public string Digest { get; }

    /// <summary>
    /// The probability of a wrong rollback that one look may spend. Every look is a chance to be wrong, so all of them, however many, share
    /// one: each of the two comparisons has half of it, 1/2 of which goes to its first look, then 1/6, 1/12, 1/20, which add up to 1. The
    /// first looks get most, since their data are fewest and a harmful canary should go soon.
    /// </summary>
    /// <param name="look">Which look of its comparison it is, from 1.</param>
    public double SignificanceOf(long look) => Significance / 2 / ((double)look * (look + 1));
}
