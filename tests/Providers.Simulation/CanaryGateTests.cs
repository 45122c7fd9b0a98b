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

    /// <summary>What a gate asks of 99 in 100 runs.</summary>
    private static int Nearly => (int)Math.Ceiling(0.99 * Runs);

    [Fact]
    public void G16_HealthyCanary_IsPromoted() => All(Healthy).Count(static r => r.Phase is CanaryPhase.Promoted).Should().BeGreaterThanOrEqualTo(Nearly);

    [Fact]
    public void G16_FivePercentMoreErrors_IsRolledBackWithinTwoIntervals() => RolledBackSoon(FivePercent, 500);

    [Fact]
    public void G16_HalfSlower_IsRolledBackWithinTwoIntervals() => RolledBackSoon(Slow, 500);

    [Fact]
    public void G16_DeadCanary_IsRolledBackAtOnce() => RolledBackSoon(Dead, 40);

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
        runs.Where(static r => r.RolledBackFor is null).Should().OnlyContain(static r => r.Paused, "whoever is still there when the outage comes waits until it is over");
        runs.Count(static r => r.RolledBackFor is null && r.Phase is CanaryPhase.Promoted).Should().BeGreaterThanOrEqualTo(Nearly);
    }

    [Fact]
    public void G16_ShortOutageOfBothArms_IsNotBlamedOnTheCanary() =>
        All(Blip).Count(static r => r.RolledBackFor is null && r.Phase is CanaryPhase.Promoted).Should().BeGreaterThanOrEqualTo(Nearly);

    /// <summary>In 99 of 100 runs within two intervals and so many of the canary's requests; in all of them some time.</summary>
    private void RolledBackSoon(CanaryScenario scenario, int most)
    {
        CanaryRun[] runs = All(scenario);
        int soon = runs.Count(r => r.RolledBackFor is not null && r.RolledBackAt <= 2 && r.CanaryRequests <= most); // an interval is a minute
        output.WriteLine($"{scenario}: {soon} of {runs.Length} within 2 intervals and {most} canary requests");
        soon.Should().BeGreaterThanOrEqualTo(Nearly);
        runs.Should().OnlyContain(static r => r.Phase == CanaryPhase.RolledBack, "no harmful canary is promoted");
    }

    private CanaryRun[] All(CanaryScenario scenario)
    {
        long started = Stopwatch.GetTimestamp();
        CanaryRun[] runs = new CanaryRun[Runs];
        Parallel.ForEach(Partitioner.Create(0, Runs), range =>
        {
            for (int run = range.Item1; run < range.Item2; run++)
            {
                runs[run] = new CanaryRun(scenario, run).Run(60);
            }
        });
        CanaryRun[] back = [.. runs.Where(static r => r.RolledBackFor is not null).OrderBy(static r => r.RolledBackAt)];
        string when = back.Length == 0 ? "" : $", after {back[back.Length / 2].RolledBackAt:F2} min in the median and {back[^1].RolledBackAt:F2} at most, {back.Max(static r => r.CanaryRequests)} canary requests at most";
        output.WriteLine($"{scenario}: {runs.Length} runs, {runs.Count(static r => r.Phase is CanaryPhase.Promoted)} promoted, {back.Length} rolled back ({string.Join(", ", back.GroupBy(static r => r.RolledBackFor).Select(static g => $"{g.Key} {g.Count()}"))}){when}; {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        return runs;
    }
}
