namespace Providers.Canary;

/// <summary>
/// A rollout as a machine without clock, lock or input: outcomes and moments go in, decisions come out. Both arms are compared over the same
/// time, never with history, so that an outage of everything is not taken for a fault of the canary. Not safe for concurrent use.
/// </summary>
internal sealed class CanaryMachine
{
    private readonly CanaryPlan _plan;
    private readonly ArmWindow _canary = new();
    private readonly ArmWindow _stable = new();
    private readonly RecentOutcomes _recent = new();
    private int _step;
    private long _stepStarted;
    private long _pausedAt;
    private long _coolUntil;
    private long _stableRequests; // while a failure of the canary is remembered: what RecentOutcomes refers to
    private long _stableErrors;
    private bool _suspected;
    private bool _breakerSeenOpen;
    private long _errorLooks; // since the rollout began
    private long _latencyLooks;

    /// <param name="plan">The rules.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="coolUntil">When it may take its first share: later than <paramref name="now"/> after a rollback.</param>
    public CanaryMachine(CanaryPlan plan, long now, long coolUntil = long.MinValue)
    {
        _plan = plan;
        _coolUntil = coolUntil;
        if (coolUntil > now)
        {
            Phase = CanaryPhase.CoolingDown;
        }
        else
        {
            Begin(now);
        }
    }

    public CanaryPhase Phase { get; private set; }

    /// <summary>Gets why the rollout waits; <see langword="null"/> when it does not.</summary>
    public string? PausedFor { get; private set; }

    /// <summary>Gets when a rolled-back canary may begin again.</summary>
    public long CoolUntil => _coolUntil;

    /// <summary>Gets the canary's share in percent.</summary>
    public double Weight => Phase switch
    {
        CanaryPhase.Progressing or CanaryPhase.Paused or CanaryPhase.Passed => _plan.Steps[_step],
        CanaryPhase.Promoted => 100,
        _ => 0,
    };

    private bool IsCompared => Phase is CanaryPhase.Progressing or CanaryPhase.Paused or CanaryPhase.Passed;

    /// <summary>Takes the outcome of a request's first attempt, or of a request that found no target.</summary>
    /// <param name="canary">Which arm the request belongs to.</param>
    /// <param name="failed">Whether it failed.</param>
    /// <param name="latency">In milliseconds.</param>
    /// <param name="started">When it began.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="breakerOpen">Whether the canary's circuit is open.</param>
    /// <returns>A decision that cannot wait; mostly <see langword="null"/>.</returns>
    public CanaryVerdict? Record(bool canary, bool failed, double latency, long started, long now, bool breakerOpen)
    {
        if (!IsCompared)
        {
            return null;
        }

        if (canary)
        {
            _canary.Add(failed, latency);
            _recent.Add(failed, started, _stableRequests, _stableErrors);
            _suspected |= failed;
        }
        else
        {
            _stable.Add(failed, latency);

            // One that was under way before the trouble began says nothing about it. (Only what follows a failure is ever asked for.)
            if (failed || started >= _recent.FirstFailureStarted)
            {
                _stableRequests++;
                _stableErrors += failed ? 1 : 0;
            }
        }

        return _suspected ? StopAtOnce(now, breakerOpen) : null;
    }

    /// <summary>Compares the arms; called once an interval.</summary>
    public CanaryVerdict? Evaluate(long now, bool breakerOpen)
    {
        if (Phase is CanaryPhase.CoolingDown && now >= _coolUntil)
        {
            return Change(CanaryAction.Restart, CanaryReasons.CooldownOver, () => Begin(now));
        }

        if (!IsCompared)
        {
            return null;
        }

        CanaryVerdict? verdict = StopAtOnce(now, breakerOpen) ?? Look(now, breakerOpen);
        _breakerSeenOpen = breakerOpen && _canary.Lately == _canary.ErrorsLately;
        _canary.Looked();
        if (_stable.Lately >= RecentOutcomes.Size)
        {
            _stable.Looked(); // too few say nothing: they are looked at together with the next
        }

        return verdict;
    }

    /// <summary>Does what an operator says.</summary>
    /// <exception cref="InvalidOperationException">It cannot be done now; the message says why.</exception>
    public CanaryVerdict Apply(CanaryAction action, long now)
    {
        switch (action)
        {
            case CanaryAction.Promote when !_plan.Shadow:
                return Change(action, CanaryReasons.Manual, () => End(CanaryPhase.Promoted));
            case CanaryAction.Promote:
                throw new InvalidOperationException("A shadow answers nobody, so it cannot be promoted; turn Shadow off in its options.");
            case CanaryAction.Pause when Phase is CanaryPhase.Progressing or CanaryPhase.Paused:
                return Pause(CanaryReasons.Manual, now)!;
            case CanaryAction.Resume when Phase is CanaryPhase.Paused:
                return Resume(CanaryReasons.Manual, now);
            case CanaryAction.Abort when Phase is not CanaryPhase.RolledBack:
                return Rollback(CanaryReasons.Manual, now, action);
            case CanaryAction.Restart when Phase is CanaryPhase.RolledBack or CanaryPhase.CoolingDown && now < _coolUntil:
                throw new InvalidOperationException("The canary was rolled back and is cooling down; its status says for how long. Promote it if you know better.");
            case CanaryAction.Restart:
                return Change(action, CanaryReasons.Manual, () => Begin(now));
            default:
                throw new InvalidOperationException($"A canary that is {Phase} cannot be told to {action}.");
        }
    }

    public CanaryEvidence Evidence() => new(_canary.Requests, _canary.Errors, _stable.Requests, _stable.Errors)
    {
        CanaryP95 = TimeSpan.FromMilliseconds(_canary.Latencies.Quantile(0.95)),
        StableP95 = TimeSpan.FromMilliseconds(_stable.Latencies.Quantile(0.95)),
        ErrorProbability = Proportions.Greater(_canary.Errors, _canary.Requests, _stable.Errors, _stable.Requests),
        LatencyProbability = SlowProbability(),
    };

    private CanaryVerdict? Look(long now, bool breakerOpen)
    {
        if (_stable.Lately >= RecentOutcomes.Size && _stable.ErrorRatioLately > _plan.HardStop)
        {
            return Pause(CanaryReasons.BothFail, now); // nothing can be learnt by comparing with what is down itself
        }

        if (PausedFor == CanaryReasons.BothFail)
        {
            return _stable.Lately >= RecentOutcomes.Size ? Resume(CanaryReasons.StableAgain, now) : null;
        }

        if (Fault(breakerOpen) is { } fault)
        {
            return Rollback(fault, now);
        }

        if (Phase is CanaryPhase.Passed || PausedFor == CanaryReasons.Manual)
        {
            if (!_suspected && now - _stepStarted >= _plan.StepDuration && _canary.Requests >= _plan.StepRequests)
            {
                StartStep(now); // who stays must keep proving himself, on fresh numbers
            }

            return null;
        }

        if (now - _stepStarted > _plan.ProgressDeadline)
        {
            return Rollback(CanaryReasons.ProgressDeadline, now);
        }

        if (_canary.Lately == 0)
        {
            return Pause(CanaryReasons.NoData, now);
        }

        return Phase is CanaryPhase.Paused ? Resume(CanaryReasons.DataAgain, now)
            : now - _stepStarted >= _plan.StepDuration && _canary.Requests >= _plan.StepRequests ? Advance(now)
            : null;
    }

    private string? Fault(bool breakerOpen)
    {
        if (breakerOpen && _breakerSeenOpen && _stable.Lately >= RecentOutcomes.Size
            && Proportions.Greater(_canary.Errors, _canary.Requests, _stable.Errors, _stable.Requests) < 0.01)
        {
            return CanaryReasons.BreakerOpen; // for a whole interval in which the others served
        }

        if (Math.Min(_canary.Requests, _stable.Requests) >= _plan.ErrorRequests
            && Proportions.Greater(_canary.Errors, _canary.Requests, _stable.Errors, _stable.Requests) < _plan.SignificanceOf(++_errorLooks)
            && _canary.ErrorRatio - _stable.ErrorRatio > _plan.MaxErrorIncrease)
        {
            return CanaryReasons.ErrorRatio;
        }

        return Math.Min(_canary.Latencies.Total, _stable.Latencies.Total) >= _plan.LatencyRequests
            && SlowProbability() < _plan.SignificanceOf(++_latencyLooks)
            && _canary.Latencies.Quantile(0.95) > _plan.MaxLatencyRatio * _stable.Latencies.Quantile(0.95)
            ? CanaryReasons.Latency : null;
    }

    // Of each arm the answers slower than the stable arm's 95th percentile are counted. A rank-sum test asks about the middle of the
    // distribution instead, and would miss a canary that is slow for every tenth request only.
    private double SlowProbability()
    {
        int tail = _stable.Latencies.TailStart(0.05);
        return Proportions.Greater(_canary.Latencies.CountFrom(tail), _canary.Latencies.Total, _stable.Latencies.CountFrom(tail), _stable.Latencies.Total);
    }

    private CanaryVerdict? StopAtOnce(long now, bool breakerOpen)
    {
        bool tooMany = _recent.Count == RecentOutcomes.Size && _recent.Errors > _plan.HardStop * RecentOutcomes.Size;
        if (_recent.Errors == 0 || (!tooMany && !breakerOpen) || PausedFor == CanaryReasons.BothFail)
        {
            _suspected = false;
            return null;
        }

        // Looked at again with every outcome of either arm, until it is clear which it is.
        _suspected = true;
        (int requests, int errors, long otherRequests, long otherErrors) = _recent.SinceFirstFailure(_stableRequests, _stableErrors);
        if (Proportions.Greater(errors, requests, otherErrors, otherRequests) < 0.001)
        {
            return Rollback(breakerOpen ? CanaryReasons.BreakerOpen : CanaryReasons.HardStop, now);
        }

        return otherRequests >= RecentOutcomes.Size && otherErrors > _plan.HardStop * otherRequests ? Pause(CanaryReasons.BothFail, now) : null;
    }

    private CanaryVerdict Advance(long now)
    {
        if (_step + 1 < _plan.Steps.Length)
        {
            return Change(CanaryAction.Advance, CanaryReasons.StepPassed, () =>
            {
                _step++;
                StartStep(now);
            });
        }

        return _plan.Promotes
            ? Change(CanaryAction.Promote, CanaryReasons.StepPassed, () => End(CanaryPhase.Promoted))
            : Change(CanaryAction.Pass, CanaryReasons.StepPassed, () => End(CanaryPhase.Passed));
    }

    private CanaryVerdict Rollback(string reason, long now, CanaryAction action = CanaryAction.Rollback) => Change(action, reason, () =>
    {
        _coolUntil = now + _plan.Cooldown;
        End(CanaryPhase.RolledBack);
    });

    private CanaryVerdict? Pause(string reason, long now)
    {
        // What passed stays; an operator's pause is not overwritten; the same reason is told once.
        if (Phase is CanaryPhase.Passed || PausedFor == reason || (PausedFor == CanaryReasons.Manual && reason != CanaryReasons.Manual))
        {
            return reason == CanaryReasons.Manual ? Change(CanaryAction.Pause, reason, static () => { }) : null;
        }

        return Change(CanaryAction.Pause, reason, () =>
        {
            _pausedAt = PausedFor is null ? now : _pausedAt;
            Phase = CanaryPhase.Paused;
            PausedFor = reason;
        });
    }

    private CanaryVerdict Resume(string reason, long now) => Change(CanaryAction.Resume, reason, () =>
    {
        if (PausedFor == CanaryReasons.NoData)
        {
            Phase = CanaryPhase.Progressing;
            PausedFor = null;
            return; // waiting for data is no excuse: the progress deadline runs on
        }

        long started = _stepStarted + (now - _pausedAt);
        bool fresh = PausedFor == CanaryReasons.BothFail;
        Phase = CanaryPhase.Progressing;
        PausedFor = null;
        if (fresh)
        {
            StartStep(now); // what was counted during the outage is worth nothing
        }
        else
        {
            _stepStarted = started;
        }
    });

    private void Begin(long now)
    {
        _step = 0;
        _errorLooks = 0;
        _latencyLooks = 0;
        if (_plan.Steps.Length == 0)
        {
            End(CanaryPhase.Promoted);
            return;
        }

        Phase = CanaryPhase.Progressing;
        PausedFor = null;
        StartStep(now);
    }

    private void StartStep(long now)
    {
        _stepStarted = now;
        _canary.Clear();
        _stable.Clear();
        _recent.Clear();
        _stableRequests = 0;
        _stableErrors = 0;
        _suspected = false;
        _breakerSeenOpen = false;
    }

    private void End(CanaryPhase phase)
    {
        Phase = phase;
        PausedFor = null;
        _suspected = false;
    }

    private CanaryVerdict Change(CanaryAction action, string reason, Action change)
    {
        double from = Weight;
        CanaryEvidence evidence = Evidence();
        change();
        return new CanaryVerdict(action, reason, from, Weight, evidence);
    }
}
