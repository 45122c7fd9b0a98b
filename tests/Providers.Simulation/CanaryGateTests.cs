using System.Collections.Concurrent;
using System.Diagnostics;

namespace Providers.Simulation;

/// <summary>Gate G16: the rollout's decisions over a thousand seeded runs of each scenario. SIM_SEEDS sets another number.</summary>
public sealed class CanaryGateTests(ITestOutputHelper output)
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("SIM_SEEDS") is { Length: > 0 } n ? int.Parse(n, System.Globalization.CultureInfo.InvariantCulture) : 1_000;
    private static readonly CanaryScenario Healthy = new("healthy", static _ => 0);
    private static readonly CanaryScenario OnePercent = new("+1 % errors", static _ => 0.01);
    private static readonly CanaryScenario FivePercent = new("+5 % errors", static _ => 0.05);
    private static readonly CanaryScenario Slow = new("+50 % latency", static _ => 0, Slowness: 1.5);
    private static readonly CanaryScenario SlowTail = new("+50 % p95, one in ten slow", static _ => 0, Slowness: 3, SlowShare: 0.1);
    private static readonly CanaryScenario Leak = new("leak, +0.5 % errors a minute", static m => 0.005 * m);
    private static readonly CanaryScenario Dead = new("dead", static _ => 0.99);
    private static readonly CanaryScenario Outage = new("outage of both arms, 2 minutes", static _ => 0, OutageFrom: 2.3, OutageMinutes: 2);
    private static readonly CanaryScenario Blip = new("outage of both arms, 8 seconds", static _ => 0, OutageFrom: 7.5, OutageMinutes: 0.13);

    [Fact]
    public void G16_HealthyCanary_IsPromoted()
    {
        CanaryRun[] runs = All(Healthy);
        runs.Count(static r => r.Phase is CanaryPhase.Promoted).Should().BeGreaterThanOrEqualTo((int)Math.Ceiling(0.99 * Runs));
    }

    [Fact]
    public void G16_FivePercentMoreErrors_IsRolledBackWithinTwoIntervals() => RolledBackSoon(All(FivePercent), 500);

    [Fact]
    public void G16_HalfSlower_IsRolledBackWithinTwoIntervals() => RolledBackSoon(All(Slow), 500);

    [Fact]
    public void G16_DeadCanary_IsRolledBackAtOnce() => RolledBackSoon(All(Dead), 40);

    [Fact]
    public void G16_SlowForEveryTenthOnly_IsNeverPromoted() => All(SlowTail).Should().OnlyContain(static r => r.Phase == CanaryPhase.RolledBack);

    [Fact]
    public void G16_SlowLeak_IsNeverPromoted() => All(Leak).Should().OnlyContain(static r => r.Phase == CanaryPhase.RolledBack);

    [Fact]
    public void G16_OnePercentMoreErrors_IsOnTheThresholdAndStaysWithinTheDeadline() =>
        All(OnePercent).Should().OnlyContain(static r => r.Phase == CanaryPhase.RolledBack || r.Phase == CanaryPhase.Promoted);

    [Fact]
    public void G16_OutageOfBothArms_IsNotBlamedOnTheCanary()
    {
        CanaryRun[] runs = All(Outage);
        runs.Should().OnlyContain(static r => r.Paused);
        runs.Count(static r => r.RolledBackFor != null).Should().BeLessThanOrEqualTo(Runs / 100);
    }

    [Fact]
    public void G16_ShortOutageOfBothArms_IsNotBlamedOnTheCanary() =>
        All(Blip).Count(static r => r.RolledBackFor != null).Should().BeLessThanOrEqualTo(Runs / 100);

    private void RolledBackSoon(CanaryRun[] runs, int most)
    {
        runs.Should().OnlyContain(static r => r.Phase == CanaryPhase.RolledBack);
        runs.Max(static r => r.RolledBackAt).Should().BeLessThanOrEqualTo(2, "an interval is a minute");
        runs.Max(static r => r.CanaryRequests).Should().BeLessThanOrEqualTo(most);
    }

    private CanaryRun[] All(CanaryScenario scenario)
    {
        long started = Stopwatch.GetTimestamp();
        CanaryRun[] runs = new CanaryRun[Runs];
        Parallel.ForEach(Partitioner.Create(0, Runs), range =>
        {
            for (int seed = range.Item1; seed < range.Item2; seed++)
            {
                runs[seed] = new CanaryRun(scenario, seed).Run(60);
            }
        });
        CanaryRun[] back = [.. runs.Where(static r => r.RolledBackFor is not null).OrderBy(static r => r.RolledBackAt)];
        string when = back.Length == 0 ? "" : $", after {back[back.Length / 2].RolledBackAt:F2} min in the median and {back[^1].RolledBackAt:F2} at most, {back.Max(static r => r.CanaryRequests)} canary requests at most";
        output.WriteLine($"{scenario}: {runs.Length} runs, {runs.Count(static r => r.Phase is CanaryPhase.Promoted)} promoted, {back.Length} rolled back ({string.Join(", ", back.GroupBy(static r => r.RolledBackFor).Select(static g => $"{g.Key} {g.Count()}"))}){when}; {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        return runs;
    }
}
