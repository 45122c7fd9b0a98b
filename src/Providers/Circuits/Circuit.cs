namespace Providers.Circuits;

/// <summary>
/// One target's circuit. Closed, it costs two volatile reads to enter and one interlocked step to report. It opens on a ratio
/// or on a run of failures, admits one probe when the break is over, doubles the break each time the probe fails, and lets
/// traffic back gradually. Outcomes are reported when a stream has ended, not when it has begun.
/// </summary>
internal sealed class Circuit
{
    private readonly CircuitPlan _plan;
    private readonly FailureWindow _window;
    private readonly Action<CircuitState>? _onTransition;
    private readonly Lock _gate = new();
    private volatile int _state; // CircuitState
    private int _run;            // failures in a row
    private int _breaks;         // breaks in a row, for their length
    private long _openUntil;
    private bool _probing;
    private long _nextPanic = long.MinValue;
    private long _rampStart = long.MinValue;
    private volatile bool _ramping;
    private double _rampCredit;

    public Circuit(CircuitPlan plan, Action<CircuitState>? onTransition = null)
    {
        _plan = plan;
        _window = new FailureWindow(plan.SamplingDuration);
        _onTransition = onTransition;
    }

    public CircuitState State => (CircuitState)_state;

    /// <summary>Asks for ordinary admission.</summary>
    public Admission TryEnter(long now) => _state == (int)CircuitState.Closed ? Admission.Traffic : TryProbe(now);

    /// <summary>Asks for admission ahead of time, when no target takes traffic: one at a time, not more often than the panic interval.</summary>
    public Admission TryPanic(long now)
    {
        lock (_gate)
        {
            if (State is CircuitState.Closed)
            {
                return Admission.Traffic;
            }

            if (State is CircuitState.Isolated || _probing || (now < _nextPanic && now < _openUntil))
            {
                return Admission.Refused;
            }

            return StartProbe(now);
        }
    }

    /// <summary>Says whether a recovering target takes this request; a share of them that grows from nothing to all over the slow start.</summary>
    public bool PassesSlowStart(long now)
    {
        if (!_ramping)
        {
            return true;
        }

        lock (_gate)
        {
            long elapsed = now - _rampStart;
            if (elapsed >= _plan.SlowStart)
            {
                _ramping = false;
                return true;
            }

            _rampCredit += (double)elapsed / _plan.SlowStart;
            if (_rampCredit < 1)
            {
                return false;
            }

            _rampCredit -= 1;
            return true;
        }
    }

    /// <summary>In how many units the circuit may be tried again; 0 when now, <see cref="long.MaxValue"/> when an operator must enable it.</summary>
    public long RetryIn(long now) => State switch
    {
        CircuitState.Closed => 0,
        CircuitState.Isolated => long.MaxValue,
        _ => Math.Max(0, Volatile.Read(ref _openUntil) - now),
    };

    public void Succeed(Admission admission, long now)
    {
        if (admission is Admission.Probe)
        {
            lock (_gate)
            {
                _probing = false;
                if (State is CircuitState.Isolated)
                {
                    return;
                }

                _breaks = 0;
                _window.Clear();
                _rampStart = now;
                _rampCredit = 0;
                _ramping = _plan.SlowStart > 0;
                MoveTo(CircuitState.Closed);
            }
        }

        if (Volatile.Read(ref _run) != 0)
        {
            Interlocked.Exchange(ref _run, 0);
        }

        _window.AddSuccess(now);
    }

    public void Fail(Admission admission, long now)
    {
        if (admission is Admission.Probe)
        {
            lock (_gate)
            {
                _probing = false;
                Open(now);
            }

            return;
        }

        int run = Interlocked.Increment(ref _run);
        (int failures, int total) = _window.AddFailure(now);
        // Divided, not multiplied: 3/30 is the double 0.1, but 0.1 * 30 is above 3.
        bool ratio = total >= _plan.MinimumThroughput && (double)failures / total >= _plan.FailureRatio;
        if (ratio || run >= _plan.ConsecutiveFailures)
        {
            lock (_gate)
            {
                // Attempts that were under way when the circuit opened do not open it again.
                if (State is CircuitState.Closed)
                {
                    Open(now);
                }
            }
        }
    }

    /// <summary>Gives an admission back without an outcome: cancelled, or refused further on.</summary>
    public void Release(Admission admission)
    {
        if (admission is Admission.Probe)
        {
            lock (_gate)
            {
                _probing = false;
            }
        }
    }

    /// <summary>A health probe found the server well: the next request may find out at once.</summary>
    public void EndBreak(long now)
    {
        lock (_gate)
        {
            if (State is CircuitState.Open)
            {
                Volatile.Write(ref _openUntil, now);
            }
        }
    }

    /// <summary>Opens the circuit for a given time, however few attempts have failed (a refused key, no quota).</summary>
    public void OpenFor(long units, long now)
    {
        lock (_gate)
        {
            if (State is not CircuitState.Isolated)
            {
                _nextPanic = now + _plan.PanicInterval; // it has just been asked
                Volatile.Write(ref _openUntil, now + units);
                MoveTo(CircuitState.Open);
            }
        }
    }

    public void Isolate()
    {
        lock (_gate)
        {
            MoveTo(CircuitState.Isolated);
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _probing = false;
            _breaks = 0;
            _run = 0;
            _ramping = false;
            _window.Clear();
            MoveTo(CircuitState.Closed);
        }
    }

    private Admission TryProbe(long now)
    {
        lock (_gate)
        {
            if (State is CircuitState.Closed)
            {
                return Admission.Traffic;
            }

            return State is CircuitState.Isolated || _probing || now < _openUntil ? Admission.Refused : StartProbe(now);
        }
    }

    private Admission StartProbe(long now)
    {
        _probing = true;
        _nextPanic = now + _plan.PanicInterval;
        MoveTo(CircuitState.HalfOpen);
        return Admission.Probe;
    }

    private void Open(long now)
    {
        if (State is CircuitState.Isolated)
        {
            return;
        }

        long length = _plan.BreakDuration;
        for (int i = 0; i < _breaks && length < _plan.MaxBreakDuration; i++)
        {
            length *= 2;
        }

        _breaks++;
        _run = 0;
        _ramping = false;
        _nextPanic = now + _plan.PanicInterval;
        Volatile.Write(ref _openUntil, now + Math.Min(length, _plan.MaxBreakDuration));
        MoveTo(CircuitState.Open);
    }

    private void MoveTo(CircuitState state)
    {
        if (State != state)
        {
            _state = (int)state;
            _onTransition?.Invoke(state);
        }
    }
}
