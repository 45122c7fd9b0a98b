using Providers.Canary;
using Providers.Timing;

namespace Providers.Simulation;

/// <summary>
/// One rollout under seeded traffic: 4,000 requests a minute, one percent failing anyway, latencies log-normal about 0.8 s. A target whose
/// last five requests failed has an open circuit: the canary gets nothing then, and the others' requests end unserved.
/// </summary>
internal sealed class CanaryRun
{
    private const int PerMinute = 4_000;
    private const double BaseErrors = 0.01;
    private static readonly double[] Latencies = MakeLatencies();
    private readonly CanaryScenario _scenario;
    private readonly CanaryMachine _machine;
    private readonly SplitRandom _random;
    private int _canaryRun;
    private int _stableRun;

    public CanaryRun(CanaryScenario scenario, int run)
    {
        _scenario = scenario;
        _random = new SplitRandom(scenario.Name, run);
        CanaryOptions options = new() { Steps = { 5, 25, 50, 100 } };
        _machine = new CanaryMachine(new CanaryPlan(options, new Clock(TimeProvider.System)), 0);
    }

    public CanaryPhase Phase => _machine.Phase;

    public string? RolledBackFor { get; private set; }

    public double RolledBackAt { get; private set; }

    public int CanaryRequests { get; private set; }

    public bool Paused { get; private set; }

    public CanaryRun Run(int minutes)
    {
        long perMinute = TimeSpan.FromMinutes(1).Ticks * TimeProvider.System.TimestampFrequency / TimeSpan.TicksPerSecond;
        for (int i = 0; i < minutes * PerMinute && Phase is CanaryPhase.Progressing or CanaryPhase.Paused; i++)
        {
            double minute = (double)i / PerMinute;
            long now = (long)(minute * perMinute);
            if (i > 0 && i % PerMinute == 0)
            {
                Take(_machine.Evaluate(now, IsOpen(_canaryRun, minute)), minute);
            }

            bool canary = Next() * 100 < _machine.Weight;
            if (canary && IsOpen(_canaryRun, minute))
            {
                continue;
            }

            bool failed = _scenario.IsOut(minute) || (!canary && IsOpen(_stableRun, minute)) || Next() < BaseErrors + (canary ? _scenario.Errors(minute) : 0);
            double latency = Latencies[(int)(Next() * Latencies.Length)];
            if (canary)
            {
                CanaryRequests++;
                _canaryRun = failed ? _canaryRun + 1 : 0;
                latency *= Next() < _scenario.SlowShare ? _scenario.Slowness : 1;
            }
            else
            {
                _stableRun = failed ? _stableRun + 1 : 0;
            }

            Take(_machine.Record(canary, failed, latency, now, now, IsOpen(_canaryRun, minute)), minute);
        }

        return this;
    }

    // After an outage a circuit lets a probe through at the end of its break, which succeeds.
    private bool IsOpen(int run, double minute) => run >= 5 && (_scenario.IsOut(minute) || _scenario.IsOut(minute - 0.1));

    private void Take(CanaryVerdict? verdict, double minute)
    {
        Paused |= verdict is { Action: CanaryAction.Pause };
        if (verdict is { Action: CanaryAction.Rollback })
        {
            RolledBackFor = verdict.Reason;
            RolledBackAt = minute;
        }
    }

    private double Next() => _random.NextDouble();

    private static double[] MakeLatencies()
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, 1 << 16).Select(_ => 800 * Math.Exp(0.5 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
