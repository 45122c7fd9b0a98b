using Providers.Plans;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Canary;

/// <summary>
/// A rollout at work: says which requests are the canary's, feeds the machine, and puts its decisions in force, in the log and in the metrics.
/// Lives over reloads of the configuration while its own options stay the same. Safe for concurrent use.
/// </summary>
internal sealed class CanaryState : IDisposable
{
    private const int Remembered = 100;
    private readonly CanaryTelemetry _telemetry;
    private readonly Clock _clock;
    private readonly Dice _dice;
    private readonly Lock _gate = new();
    private readonly CanaryMachine _machine;
    private readonly Queue<CanaryDecision> _decisions = new();
    private readonly CanaryArm _canaryArm;
    private readonly CanaryArm _stableArm;
    private readonly string _salt;
    private readonly ITimer _timer;
    private double _agreementSum;
    private long _agreementCount;
    private volatile CanarySplit _split = CanarySplit.None;
    private volatile TargetPlan _target;

    public CanaryState(string route, TargetPlan target, CanaryTelemetry telemetry, Clock clock, Dice dice, long coolUntil = long.MinValue)
    {
        Route = route;
        Plan = target.Canary!;
        Name = target.ModelId is null ? target.Provider.Name : $"{target.Provider.Name}/{target.ModelId}";
        _target = target;
        _telemetry = telemetry;
        _clock = clock;
        _dice = dice;
        _salt = $"{route}\n{Name}";
        _machine = new CanaryMachine(Plan, clock.Now, coolUntil);
        _split = new CanarySplit(_machine.Weight);
        _canaryArm = new CanaryArm(this, isCanary: true);
        _stableArm = new CanaryArm(this, isCanary: false);
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.Provider.CreateTimer(static s => ((CanaryState)s!).Evaluate(), this, Plan.IntervalSpan, Plan.IntervalSpan);
        }
    }

    public string Route { get; }

    public string Name { get; }

    public CanaryPlan Plan { get; }

    /// <summary>Gets the share in force, in percent.</summary>
    public double Weight => _split.Weight;

    /// <summary>Gets when a new try may begin.</summary>
    public long CoolUntil => _machine.CoolUntil;

    /// <summary>Gets the target of the plan in force.</summary>
    public TargetPlan Target
    {
        get => _target;
        set => _target = value;
    }

    /// <summary>Says which arm a request belongs to.</summary>
    /// <param name="key">The same key stays in its arm while the share only rises; <see langword="null"/> leaves it to chance.</param>
    public CanaryArm Assign(string? key)
    {
        CanarySplit split = _split;
        return !Plan.Shadow && split.Weight > 0 && split.Takes(Position(key)) ? _canaryArm : _stableArm;
    }

    /// <summary>Says whether a request is mirrored, and to which arm its outcome goes.</summary>
    public CanaryArm? Mirror(string? key) => Plan.Shadow && _split.Takes(Position(key)) ? _canaryArm : null;

    public void Record(bool canary, bool failed, long started, long latency)
    {
        double milliseconds = _clock.Span(latency).TotalMilliseconds;
        _telemetry.Request(Route, canary, failed, milliseconds);
        CanaryVerdict? verdict;
        lock (_gate)
        {
            verdict = _machine.Record(canary, failed, milliseconds, started, started + latency, IsBreakerOpen());
            Enforce(verdict);
        }

        Tell(verdict);
    }

    /// <summary>Takes the cosine similarity of a shadow's vectors with those served.</summary>
    public void Agreed(double similarity)
    {
        lock (_gate)
        {
            _agreementSum += similarity;
            _agreementCount++;
        }
    }

    /// <exception cref="InvalidOperationException">It cannot be done now.</exception>
    public void Apply(CanaryAction action)
    {
        CanaryVerdict verdict;
        lock (_gate)
        {
            verdict = _machine.Apply(action, _clock.Now);
            Enforce(verdict);
        }

        Tell(verdict);
    }

    public CanaryStatus Snapshot()
    {
        lock (_gate)
        {
            long left = _machine.CoolUntil - _clock.Now;
            return new CanaryStatus(Name, _machine.Phase, _split.Weight)
            {
                IsShadow = Plan.Shadow,
                PausedFor = _machine.PausedFor,
                CooldownLeft = _machine.Phase is CanaryPhase.RolledBack or CanaryPhase.CoolingDown && left > 0 ? _clock.Span(left) : null,
                Evidence = WithAgreement(_machine.Evidence()),
                Decisions = [.. _decisions],
            };
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Evaluate()
    {
        CanaryVerdict? verdict;
        lock (_gate)
        {
            verdict = _machine.Evaluate(_clock.Now, IsBreakerOpen());
            Enforce(verdict);
        }

        Tell(verdict);
    }

    private void Enforce(CanaryVerdict? verdict)
    {
        if (verdict is null)
        {
            return;
        }

        _split = new CanarySplit(_machine.Weight);
        _decisions.Enqueue(new CanaryDecision(_clock.Provider.GetUtcNow(), verdict.Action, verdict.Reason, verdict.From, verdict.To, WithAgreement(verdict.Evidence)));
        if (_decisions.Count > Remembered)
        {
            _decisions.Dequeue();
        }
    }

    private void Tell(CanaryVerdict? verdict)
    {
        if (verdict is not null)
        {
            _telemetry.Decided(Route, Name, verdict);
        }
    }

    private CanaryEvidence WithAgreement(CanaryEvidence evidence) =>
        _agreementCount == 0 ? evidence : evidence with { Agreement = _agreementSum / _agreementCount };

    private double Position(string? key) => key is null ? _dice.NextDouble() : StickyHash.Position(_salt, key);

    private bool IsBreakerOpen() => _target.State.Circuit.State is CircuitState.Open or CircuitState.HalfOpen;
}
