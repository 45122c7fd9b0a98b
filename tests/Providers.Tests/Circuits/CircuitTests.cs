using CsCheck;
using Polly;
using Polly.CircuitBreaker;
using Providers.Circuits;
using Providers.Timing;

namespace Providers.Tests.Circuits;

public sealed class CircuitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<CircuitState> _moves = [];

    private long Now => _time.GetTimestamp();

    [Fact]
    public void Fail_ConsecutiveFailures_OpensWhateverTheRatio()
    {
        Circuit circuit = Create(o => o.ConsecutiveFailures = 3);
        for (int i = 0; i < 1000; i++)
        {
            circuit.Succeed(circuit.TryEnter(Now), Now);
        }

        FailTimes(circuit, 2);
        circuit.State.Should().Be(CircuitState.Closed);
        FailTimes(circuit, 1);
        circuit.State.Should().Be(CircuitState.Open);
        circuit.TryEnter(Now).Should().Be(Admission.Refused);
    }

    [Fact]
    public void Succeed_BetweenFailures_BreaksTheRun()
    {
        Circuit circuit = Create(static o => o.ConsecutiveFailures = 3);
        for (int i = 0; i < 3; i++)
        {
            FailTimes(circuit, 2);
            for (int s = 0; s < 5; s++)
            {
                circuit.Succeed(circuit.TryEnter(Now), Now);
            }
        }

        circuit.State.Should().Be(CircuitState.Closed);
    }

    [Fact]
    public void TryEnter_AfterTheBreak_AdmitsExactlyOneProbe()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        circuit.TryEnter(Now).Should().Be(Admission.Refused);
        _time.Advance(TimeSpan.FromTicks(1));
        Enumerable.Range(0, 100).Select(_ => circuit.TryEnter(Now)).Count(static a => a is Admission.Probe).Should().Be(1);
        circuit.State.Should().Be(CircuitState.HalfOpen);
    }

    [Fact]
    public void Fail_OfProbes_DoublesTheBreakUpToItsCap()
    {
        Circuit circuit = Opened();
        foreach (int seconds in (int[])[5, 10, 20, 40, 60, 60])
        {
            circuit.RetryIn(Now).Should().Be(TimeSpan.FromSeconds(seconds).Ticks);
            _time.Advance(TimeSpan.FromSeconds(seconds));
            circuit.Fail(circuit.TryEnter(Now), Now);
            circuit.State.Should().Be(CircuitState.Open);
        }
    }

    [Fact]
    public void Succeed_OfProbe_ClosesAndForgetsTheBreaks()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Fail(circuit.TryEnter(Now), Now);
        _time.Advance(TimeSpan.FromSeconds(10));
        circuit.Succeed(circuit.TryEnter(Now), Now);
        circuit.State.Should().Be(CircuitState.Closed);
        FailTimes(circuit, 5);
        circuit.RetryIn(Now).Should().Be(TimeSpan.FromSeconds(5).Ticks);
        _moves.Should().Equal(CircuitState.Open, CircuitState.HalfOpen, CircuitState.Open, CircuitState.HalfOpen, CircuitState.Closed, CircuitState.Open);
    }

    [Fact]
    public void Release_OfProbe_LetsTheNextOneTry()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Release(circuit.TryEnter(Now));
        circuit.TryEnter(Now).Should().Be(Admission.Probe);
    }

    [Fact]
    public void Fail_OfAttemptsUnderWayWhenItOpened_DoesNotLengthenTheBreak()
    {
        Circuit circuit = Create();
        Admission[] underWay = [.. Enumerable.Range(0, 20).Select(_ => circuit.TryEnter(Now))];
        foreach (Admission admission in underWay)
        {
            circuit.Fail(admission, Now);
        }

        circuit.RetryIn(Now).Should().Be(TimeSpan.FromSeconds(5).Ticks);
        _moves.Should().Equal(CircuitState.Open);
    }

    [Fact]
    public void TryPanic_Open_AdmitsOneProbePerInterval()
    {
        Circuit circuit = Opened(o => o.BreakDuration = TimeSpan.FromSeconds(60));
        circuit.TryPanic(Now).Should().Be(Admission.Refused, "the circuit has just opened");
        int probes = 0;
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            Admission admission = circuit.TryPanic(Now);
            if (admission is Admission.Probe)
            {
                probes++;
                circuit.TryPanic(Now).Should().Be(Admission.Refused, "one probe at a time");
                circuit.Fail(admission, Now);
            }
        }

        probes.Should().Be(10);
    }

    [Fact]
    public void PassesSlowStart_AfterRecovery_LetsAGrowingShareThrough()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Succeed(circuit.TryEnter(Now), Now);
        int[] passed = new int[10];
        for (int second = 0; second < 10; second++)
        {
            for (int i = 0; i < 1000; i++)
            {
                passed[second] += circuit.PassesSlowStart(Now) ? 1 : 0;
                _time.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        passed[0].Should().BeInRange(30, 100, "at most a tenth in the first second");
        passed.Should().BeInAscendingOrder();
        circuit.PassesSlowStart(Now).Should().BeTrue();
        circuit.PassesSlowStart(Now).Should().BeTrue();
    }

    [Fact]
    public void Isolate_UntilClosed_AdmitsNobody()
    {
        Circuit circuit = Create();
        circuit.Isolate();
        _time.Advance(TimeSpan.FromDays(1));
        circuit.TryEnter(Now).Should().Be(Admission.Refused);
        circuit.TryPanic(Now).Should().Be(Admission.Refused);
        circuit.RetryIn(Now).Should().Be(long.MaxValue);
        circuit.OpenFor(1, Now);
        circuit.EndBreak(Now);
        circuit.State.Should().Be(CircuitState.Isolated);
        circuit.Close();
        circuit.TryEnter(Now).Should().Be(Admission.Traffic);
    }

    [Fact]
    public void Isolate_WhileAProbeIsUnderWay_StaysIsolated()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        Admission probe = circuit.TryEnter(Now);
        circuit.Isolate();
        circuit.Succeed(probe, Now);
        circuit.State.Should().Be(CircuitState.Isolated);
        circuit.Fail(Admission.Probe, Now);
        circuit.State.Should().Be(CircuitState.Isolated);
    }

    [Fact]
    public void EndBreak_HealthIsBack_TheNextRequestIsTheProbe()
    {
        Circuit circuit = Opened();
        circuit.EndBreak(Now);
        circuit.TryEnter(Now).Should().Be(Admission.Probe);
    }

    [Fact]
    public void OpenFor_RefusedKey_StaysOpenThatLong()
    {
        Circuit circuit = Create();
        circuit.OpenFor(TimeSpan.FromMinutes(5).Ticks, Now);
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        circuit.TryEnter(Now).Should().Be(Admission.Refused);
        _time.Advance(TimeSpan.FromTicks(1));
        circuit.TryEnter(Now).Should().Be(Admission.Probe);
    }

    [Fact]
    public void TryPanic_Closed_IsTraffic() => Create().TryPanic(Now).Should().Be(Admission.Traffic);

    [Fact]
    public void TryPanic_OfARefusedKey_WaitsForTheInterval()
    {
        Circuit circuit = Create();
        circuit.OpenFor(TimeSpan.FromMinutes(10).Ticks, Now);
        circuit.TryPanic(Now).Should().Be(Admission.Refused, "it has just been asked");
        _time.Advance(TimeSpan.FromSeconds(1));
        circuit.TryPanic(Now).Should().Be(Admission.Probe);
    }

    [Fact]
    public void TryPanic_TheBreakIsOver_DoesNotWaitForTheInterval()
    {
        Circuit circuit = Opened(static o => (o.BreakDuration, o.PanicInterval) = (TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)));
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.TryPanic(Now).Should().Be(Admission.Probe);
    }

    [Fact]
    public void Ratio_BelowTheMinimumThroughput_DoesNotOpen()
    {
        Circuit circuit = Create(static o => (o.MinimumThroughput, o.FailureRatio, o.ConsecutiveFailures) = (10, 0.5, 1_000));
        FailTimes(circuit, 9);
        circuit.State.Should().Be(CircuitState.Closed);
        FailTimes(circuit, 1);
        circuit.State.Should().Be(CircuitState.Open);
    }

    [Fact]
    public void Ratio_FailuresOlderThanTheWindow_DoNotCount()
    {
        Circuit circuit = Create(static o => (o.MinimumThroughput, o.FailureRatio, o.ConsecutiveFailures) = (4, 0.5, 1_000));
        FailTimes(circuit, 3);
        _time.Advance(TimeSpan.FromSeconds(30));
        FailTimes(circuit, 3);
        circuit.State.Should().Be(CircuitState.Closed, "three of four have been forgotten");
        FailTimes(circuit, 1);
        circuit.State.Should().Be(CircuitState.Open);
    }

    [Fact]
    public void Succeed_OfProbe_ForgetsTheFailuresBefore()
    {
        Circuit circuit = Create(static o => (o.MinimumThroughput, o.FailureRatio, o.ConsecutiveFailures) = (4, 0.5, 1_000));
        FailTimes(circuit, 4);
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Succeed(circuit.TryEnter(Now), Now);
        FailTimes(circuit, 2);
        circuit.State.Should().Be(CircuitState.Closed, "two of three are too few to tell");
    }

    [Fact]
    public void Close_ByAnOperator_ForgetsRunsBreaksAndTheRamp()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Fail(circuit.TryEnter(Now), Now);
        _time.Advance(TimeSpan.FromSeconds(10));
        circuit.Succeed(circuit.TryEnter(Now), Now);
        circuit.PassesSlowStart(Now).Should().BeFalse();
        FailTimes(circuit, 4);
        circuit.Close();
        circuit.PassesSlowStart(Now).Should().BeTrue();
        FailTimes(circuit, 4);
        circuit.State.Should().Be(CircuitState.Closed);
        FailTimes(circuit, 1);
        circuit.RetryIn(Now).Should().Be(TimeSpan.FromSeconds(5).Ticks);
    }

    [Fact]
    public void Close_WhileAProbeIsUnderWay_LetsTrafficIn()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.TryEnter(Now).Should().Be(Admission.Probe);
        circuit.Close();
        FailTimes(circuit, 5);
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.TryEnter(Now).Should().Be(Admission.Probe, "the forgotten probe holds no place");
    }

    [Fact]
    public void PassesSlowStart_FailsAgainAndRecovers_StartsFromNothing()
    {
        Circuit circuit = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Succeed(circuit.TryEnter(Now), Now);
        _time.Advance(TimeSpan.FromSeconds(9));
        circuit.PassesSlowStart(Now).Should().BeFalse("nine tenths of one request");
        FailTimes(circuit, 5);
        circuit.State.Should().Be(CircuitState.Open);
        circuit.PassesSlowStart(Now).Should().BeTrue("an open circuit has no ramp; it refuses by itself");
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Succeed(circuit.TryEnter(Now), Now);
        _time.Advance(TimeSpan.FromSeconds(1));
        Enumerable.Range(0, 9).Count(_ => circuit.PassesSlowStart(Now)).Should().Be(0, "a tenth each is not yet one");
    }

    [Fact]
    public void PassesSlowStart_SwitchedOff_LetsAllThroughAtOnce()
    {
        Circuit circuit = Opened(static o => o.SlowStart = TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.Succeed(circuit.TryEnter(Now), Now);
        Enumerable.Range(0, 10).Should().OnlyContain(_ => circuit.PassesSlowStart(Now));
    }

    [Fact]
    public void RetryIn_OfEveryState_IsWhatIsLeft()
    {
        Circuit circuit = Create();
        circuit.RetryIn(Now).Should().Be(0);
        FailTimes(circuit, 5);
        _time.Advance(TimeSpan.FromSeconds(2));
        circuit.RetryIn(Now).Should().Be(TimeSpan.FromSeconds(3).Ticks);
        _time.Advance(TimeSpan.FromSeconds(30));
        circuit.RetryIn(Now).Should().Be(0);
        circuit.EndBreak(Now);
        circuit.Close();
        circuit.EndBreak(Now);
        circuit.State.Should().Be(CircuitState.Closed, "there is no break to end");
    }

    [Fact]
    public void Release_OfTraffic_LeavesAProbeItsPlace()
    {
        Circuit circuit = Create();
        Admission traffic = circuit.TryEnter(Now);
        FailTimes(circuit, 5);
        _time.Advance(TimeSpan.FromSeconds(5));
        circuit.TryEnter(Now).Should().Be(Admission.Probe);
        circuit.Release(traffic);
        circuit.TryEnter(Now).Should().Be(Admission.Refused);
        circuit.Succeed(traffic, Now);
        circuit.State.Should().Be(CircuitState.HalfOpen, "what was under way before says nothing of now");
    }

    /// <summary>A share that is reached exactly opens, for every share of up to 100 outcomes (0.1 of 30, 23/41, ...).</summary>
    [Fact]
    public void Ratio_ReachedExactly_Opens()
    {
        List<string> wrong = [];
        for (int total = 2; total <= 100; total++)
        {
            for (int failures = 1; failures < total; failures++)
            {
                Circuit circuit = Create(o => (o.MinimumThroughput, o.FailureRatio, o.ConsecutiveFailures) = (2, (double)failures / total, 1_000));
                for (int i = 0; i < total - failures; i++)
                {
                    circuit.Succeed(circuit.TryEnter(Now), Now);
                }

                FailTimes(circuit, failures - 1);
                if (circuit.State is not CircuitState.Closed)
                {
                    wrong.Add($"{failures}/{total} opened early");
                }

                FailTimes(circuit, 1);
                if (circuit.State is not CircuitState.Open)
                {
                    wrong.Add($"{failures}/{total} stayed closed");
                }
            }
        }

        wrong.Should().BeEmpty();
    }

    /// <summary>With runs switched off, ours opens at the very outcome at which Polly's circuit opens.</summary>
    [Fact]
    public void Ratio_AgainstPolly_OpensAtTheSameOutcome() =>
        Gen.Select(Gen.Bool.List[1, 200], Gen.Int[2, 30], Gen.Double[0.1, 1]).Sample((outcomes, throughput, ratio) =>
        {
            FakeTimeProvider time = new();
            CircuitOptions options = new() { MinimumThroughput = throughput, FailureRatio = ratio, ConsecutiveFailures = 100_000 };
            Circuit ours = new(new CircuitPlan(options, new Clock(time)));
            CircuitBreakerStateProvider state = new();
            ResiliencePipeline<bool> polly = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
                .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
                {
                    MinimumThroughput = throughput,
                    FailureRatio = ratio,
                    SamplingDuration = options.SamplingDuration,
                    BreakDuration = options.BreakDuration,
                    StateProvider = state,
                    ShouldHandle = static args => new ValueTask<bool>(args.Outcome.Result),
                }).Build();
            foreach (bool failed in outcomes)
            {
                bool open = ours.State is CircuitState.Open;
                if (open != (state.CircuitState is Polly.CircuitBreaker.CircuitState.Open))
                {
                    return false;
                }

                if (open)
                {
                    return true;
                }

                polly.Execute(() => failed);
                Admission admission = ours.TryEnter(time.GetTimestamp());
                if (failed)
                {
                    ours.Fail(admission, time.GetTimestamp());
                }
                else
                {
                    ours.Succeed(admission, time.GetTimestamp());
                }
            }

            return (ours.State is CircuitState.Open) == (state.CircuitState is Polly.CircuitBreaker.CircuitState.Open);
        }, iter: 2_000);

    /// <summary>The window counts what a list of the same outcomes counts, to the bucket.</summary>
    [Fact]
    public void Window_AgainstAList_CountsTheSame() =>
        Gen.Select(Gen.Int[0, 400], Gen.Bool).List[1, 200].Sample(steps =>
        {
            FailureWindow window = new(1_000);
            List<(long At, bool Failed)> all = [];
            long now = -5_000;
            foreach ((int pause, bool failed) in steps)
            {
                now += pause;
                all.Add((now, failed));
                if (failed)
                {
                    window.AddFailure(now);
                }
                else
                {
                    window.AddSuccess(now);
                }

                long bucket = now / 100;
                (int Failures, int Total) expected = (
                    all.Count(o => o.Failed && o.At / 100 > bucket - 10),
                    all.Count(o => o.At / 100 > bucket - 10));
                if (window.Read(now) != expected)
                {
                    return false;
                }
            }

            return true;
        });

    [Fact]
    public void Succeed_FromManyThreads_CountsEachOnce()
    {
        FailureWindow window = new(TimeSpan.FromHours(1).Ticks);
        Parallel.For(0, 100_000, _ => window.AddSuccess(1));
        window.Read(1).Should().Be((0, 100_000));
        window.Clear();
        window.Read(1).Should().Be((0, 0));
    }

    private Circuit Create(Action<CircuitOptions>? configure = null)
    {
        CircuitOptions options = new();
        configure?.Invoke(options);
        return new Circuit(new CircuitPlan(options, new Clock(_time)), _moves.Add);
    }

    private Circuit Opened(Action<CircuitOptions>? configure = null)
    {
        Circuit circuit = Create(configure);
        FailTimes(circuit, 5);
        circuit.State.Should().Be(CircuitState.Open);
        return circuit;
    }

    private void FailTimes(Circuit circuit, int times)
    {
        for (int i = 0; i < times; i++)
        {
            circuit.Fail(circuit.TryEnter(Now), Now);
        }
    }
}
