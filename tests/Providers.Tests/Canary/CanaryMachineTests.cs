using Providers.Canary;
using Providers.Timing;

namespace Providers.Tests.Canary;

/// <summary>The rules of a rollout one by one, each at its boundary: outcomes and moments go in, decisions come out.</summary>
public sealed class CanaryMachineTests
{
    private static readonly Clock Time = new(new FakeTimeProvider());
    private long _now = Seconds(1_000);

    [Fact]
    public void Step_LastsItsTimeAndItsRequests_ThenTheNextBegins()
    {
        CanaryMachine machine = Start();
        Feed(machine, canary: 19, stable: 19);
        At(10);
        machine.Evaluate(_now, false).Should().BeNull("one request is missing");
        Feed(machine, canary: 1);
        At(9.999);
        machine.Evaluate(_now, false).Should().BeNull("a millisecond is missing");
        Feed(machine, canary: 1);
        At(10);
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Advance, "step_passed", 10, 50));
        machine.Evidence().Should().Match<CanaryEvidence>(static e => e.CanaryRequests == 0 && e.StableRequests == 0, "a step is judged by its own numbers");
        Feed(machine, canary: 20);
        At(19.999);
        machine.Evaluate(_now, false).Should().BeNull();
        Feed(machine, canary: 1);
        At(20);
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Promote, "step_passed", 50, 100));
        (machine.Phase, machine.Weight).Should().Be((CanaryPhase.Promoted, 100));
        Feed(machine, canary: 100, canaryFailed: 100);
        machine.Evidence().CanaryRequests.Should().Be(21, "what is promoted is compared no more");
        machine.Evaluate(_now + Seconds(1_000_000), true).Should().BeNull();
    }

    [Fact]
    public void Deadline_OfAStep_IsPassedByATick_RollsBack()
    {
        CanaryMachine machine = Start(static o => (o.ProgressDeadline, o.StepRequests) = (TimeSpan.FromSeconds(30), 1_000));
        Feed(machine, canary: 5);
        At(30);
        machine.Evaluate(_now, false).Should().BeNull();
        Feed(machine, canary: 5);
        _now++;
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Rollback, "progress_deadline", 10, 0));
        (machine.Phase, machine.Weight, machine.CoolUntil).Should().Be((CanaryPhase.RolledBack, 0, _now + Seconds(60)));
    }

    [Fact]
    public void NoData_PausesOnce_AndTheDeadlineRunsOn()
    {
        CanaryMachine machine = Start(static o => o.ProgressDeadline = TimeSpan.FromSeconds(30));
        At(1);
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Pause, "no_data", 10, 10));
        (machine.Phase, machine.PausedFor, machine.Weight).Should().Be((CanaryPhase.Paused, "no_data", 10));
        At(25);
        machine.Evaluate(_now, false).Should().BeNull("it has been told");
        Feed(machine, canary: 25);
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Resume, "data_again", 10, 10));
        (machine.Phase, machine.PausedFor).Should().Be((CanaryPhase.Progressing, null));
        Feed(machine, canary: 1);
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Advance, "step_passed", 10, 50), "its ten seconds went on while it waited");

        CanaryMachine late = Start(static o => (o.ProgressDeadline, o.StepRequests) = (TimeSpan.FromSeconds(30), 1_000));
        long begun = _now;
        _now = begun + Seconds(1);
        late.Evaluate(_now, false)!.Reason.Should().Be("no_data");
        _now = begun + Seconds(30) + 1;
        Verdict(late.Evaluate(_now, false)).Should().Be((CanaryAction.Rollback, "progress_deadline", 10, 0));
    }

    [Fact]
    public void Pause_ByTheOperator_StopsTheClockOfTheStep()
    {
        CanaryMachine machine = Start(static o => o.ProgressDeadline = TimeSpan.FromSeconds(30));
        At(4);
        Verdict(machine.Apply(CanaryAction.Pause, _now)).Should().Be((CanaryAction.Pause, "manual", 10, 10));
        At(5);
        Verdict(machine.Apply(CanaryAction.Pause, _now)).Should().Be((CanaryAction.Pause, "manual", 10, 10), "saying it twice is no error");
        At(1_000);
        machine.Evaluate(_now, false).Should().BeNull("neither the deadline nor a lack of data counts now");
        machine.PausedFor.Should().Be("manual");
        Verdict(machine.Apply(CanaryAction.Resume, _now)).Should().Be((CanaryAction.Resume, "manual", 10, 10));
        Feed(machine, canary: 30);
        At(1_005.999);
        machine.Evaluate(_now, false).Should().BeNull("four seconds had passed before the pause, six must follow");
        Feed(machine, canary: 1);
        At(1_006);
        machine.Evaluate(_now, false)!.Action.Should().Be(CanaryAction.Advance);
    }

    [Fact]
    public void Pause_ByTheOperator_OverOneForWantOfData_CountsFromTheFirst()
    {
        CanaryMachine machine = Start();
        At(2);
        machine.Evaluate(_now, false)!.Reason.Should().Be("no_data");
        At(6);
        machine.Apply(CanaryAction.Pause, _now);
        machine.PausedFor.Should().Be("manual");
        At(100);
        machine.Apply(CanaryAction.Resume, _now);
        Feed(machine, canary: 30);
        At(107.999);
        machine.Evaluate(_now, false).Should().BeNull();
        Feed(machine, canary: 1);
        At(108);
        machine.Evaluate(_now, false)!.Action.Should().Be(CanaryAction.Advance);
    }

    [Fact]
    public void Pause_ByTheOperator_ItsNumbersAreRenewedAndAFaultStillEndsIt()
    {
        CanaryMachine machine = Start();
        machine.Apply(CanaryAction.Pause, _now);
        Feed(machine, canary: 20, stable: 20);
        At(9.999);
        machine.Evaluate(_now, false).Should().BeNull();
        machine.Evidence().CanaryRequests.Should().Be(20);
        Feed(machine, canary: 1);
        At(10);
        machine.Evaluate(_now, false).Should().BeNull();
        machine.Evidence().CanaryRequests.Should().Be(0, "a step's worth is over");
        FeedErrors(machine, canaryErrors: 15, of: 100);
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Rollback, "error_ratio", 10, 0));
    }

    [Theory]
    [InlineData(15, 100, 0.01, true)]
    [InlineData(15, 99, 0.01, false)] // one request short
    [InlineData(15, 100, 0.15, false)] // not above what is allowed
    [InlineData(2, 100, 0.01, false)] // may be chance
    public void Errors_AreCompared_WhenThereAreEnoughAndTheyAreNoChance(int errors, int requests, double allowed, bool rolledBack)
    {
        CanaryMachine machine = Start(o => o.MaxErrorIncrease = allowed);
        FeedErrors(machine, errors, requests);
        At(5);
        CanaryVerdict? verdict = machine.Evaluate(_now, false);
        (verdict is not null).Should().Be(rolledBack);
        if (rolledBack)
        {
            Verdict(verdict).Should().Be((CanaryAction.Rollback, "error_ratio", 10, 0));
            verdict!.Evidence.Should().Match<CanaryEvidence>(e => e.CanaryRequests == requests && e.CanaryErrors == errors && e.StableRequests == requests && e.StableErrors == 0);
            verdict.Evidence.ErrorProbability.Should().Be(Proportions.Greater(errors, requests, 0, requests));
        }
    }

    [Fact]
    public void Errors_OfTheOthers_AreTakenOffAndTheirNumberCountsToo()
    {
        CanaryMachine both = Start(static o => (o.MaxErrorIncrease, o.HardStop) = (0.3, 1));
        for (int i = 0; i < 100; i++)
        {
            both.Record(false, i % 5 == 0, 1, _now, _now, false).Should().BeNull();
            both.Record(true, i % 5 < 2, 1, _now, _now, false).Should().BeNull();
        }

        both.Evaluate(_now + Seconds(1), false).Should().BeNull("40 % against 20 % are 20 more, and 30 are allowed");
        CanaryMachine few = Start();
        FeedErrors(few, 15, 99);
        few.Record(true, false, 1, _now, _now, false);
        few.Evaluate(_now + Seconds(1), false).Should().BeNull("of the others there are 99 only");
    }

    [Fact]
    public void OnlyStepIsHundred_IsPromotedAtOnce()
    {
        CanaryMachine machine = Start(static o =>
        {
            o.Steps.Clear();
            o.Steps.Add(100);
        });
        (machine.Phase, machine.Weight).Should().Be((CanaryPhase.Promoted, 100));
        machine.Evaluate(_now + Seconds(10), false).Should().BeNull();
    }

    /// <summary>Every look is a chance to be wrong: what would do at the first no longer does at the second.</summary>
    [Fact]
    public void Errors_AtALaterLook_NeedMoreToConvince()
    {
        double p = Proportions.Greater(9, 200, 0, 200);
        CanaryPlan plan = Plan();
        p.Should().BeInRange(plan.SignificanceOf(2), plan.SignificanceOf(1));
        CanaryMachine first = Start();
        FeedErrors(first, 9, 200);
        At(1);
        first.Evaluate(_now, false)!.Reason.Should().Be("error_ratio");

        _now = Seconds(1_000);
        CanaryMachine second = Start();
        Feed(second, canary: 100, stable: 100);
        At(1);
        second.Evaluate(_now, false).Should().BeNull();
        FeedErrors(second, 9, 100);
        At(2);
        second.Evaluate(_now, false).Should().BeNull();
    }

    [Theory]
    [InlineData(200, 20, 1.2, true)]
    [InlineData(199, 20, 1.2, false)] // one answer short
    [InlineData(200, 20, 2.5, false)] // not above what is allowed
    [InlineData(200, 10, 1.2, false)]
    public void Latency_IsCompared_WhenThereAreEnoughAnswers(int answers, double milliseconds, double ratio, bool rolledBack)
    {
        CanaryMachine machine = Start(o => (o.MaxLatencyRatio, o.StepRequests) = (ratio, 10_000));
        for (int i = 0; i < answers; i++)
        {
            machine.Record(true, false, milliseconds, _now, _now, false).Should().BeNull();
            machine.Record(false, false, 10, _now, _now, false).Should().BeNull();
        }

        At(5);
        CanaryVerdict? verdict = machine.Evaluate(_now, false);
        (verdict?.Reason).Should().Be(rolledBack ? "latency" : null);
        CanaryEvidence evidence = verdict?.Evidence ?? machine.Evidence();
        evidence.StableP95.TotalMilliseconds.Should().BeInRange(9.1, 11);
        evidence.CanaryP95.TotalMilliseconds.Should().BeInRange(milliseconds * 0.91, milliseconds * 1.1);
        evidence.LatencyProbability.Should().BeInRange(milliseconds > 10 ? 0 : 1, milliseconds > 10 ? 1e-6 : 1);
    }

    [Fact]
    public void HardStop_OfAllItsLastTwenty_IsAtOnce()
    {
        CanaryMachine machine = Start();
        for (int i = 1; i < 20; i++)
        {
            machine.Record(true, true, 1, _now, _now, false).Should().BeNull("{0} are fewer than twenty", i);
            machine.Record(false, false, 1, _now, _now, false).Should().BeNull();
        }

        Verdict(machine.Record(true, true, 1, _now, _now, false)).Should().Be((CanaryAction.Rollback, "hard_stop", 10, 0));
    }

    [Theory]
    [InlineData(4, false)] // a fifth is allowed
    [InlineData(5, true)]
    public void HardStop_ComesWithTheOutcomeThatMakesItCertain(int failed, bool stops)
    {
        CanaryMachine machine = Start();
        Feed(machine, canary: 20 - failed);
        Feed(machine, canary: 1, canaryFailed: 1);
        Feed(machine, stable: 9);
        Feed(machine, canary: failed - 1, canaryFailed: failed - 1);
        CanaryVerdict? tenth = machine.Record(false, false, 1, _now, _now, false);
        (tenth?.Reason).Should().Be(stops ? "hard_stop" : null, "four of four against none of ten are one in 1,001");
        if (!stops)
        {
            Feed(machine, stable: 10);
            machine.Evaluate(_now + Seconds(1), false).Should().BeNull("though three of three against none of twenty would be certain enough");
        }
    }

    [Fact]
    public void HardStop_RequestsFromBeforeTheTrouble_SayNothing()
    {
        CanaryMachine machine = Start();
        long before = _now - 1;
        Feed(machine, canary: 15);
        Feed(machine, canary: 5, canaryFailed: 5);
        for (int i = 0; i < 100; i++)
        {
            machine.Record(false, false, 1, before, _now, false).Should().BeNull("it was under way before the first failure began");
        }

        for (int i = 1; i < 10; i++)
        {
            machine.Record(false, false, 1, _now, _now, false).Should().BeNull();
        }

        machine.Record(false, false, 1, _now, _now, false)!.Reason.Should().Be("hard_stop");
    }

    [Fact]
    public void BothFail_SeenAtOnce_PausesAndEndsWithFreshNumbers()
    {
        CanaryMachine machine = Start();
        CanaryVerdict? verdict = null;
        for (int i = 0; i < 30 && verdict is null; i++)
        {
            verdict = machine.Record(true, true, 1, _now, _now, false) ?? machine.Record(false, true, 1, _now, _now, false);
        }

        Verdict(verdict).Should().Be((CanaryAction.Pause, "both_arms_fail", 10, 10));
        (verdict!.Evidence.StableRequests, verdict.Evidence.CanaryRequests).Should().Be((20L, 20L), "twenty of the others after the canary's first failure");
        Feed(machine, canary: 20, canaryFailed: 20, stable: 19);
        At(5);
        machine.Evaluate(_now, true).Should().BeNull("half of what the others did since the last look are failures");
        Feed(machine, stable: 19);
        At(6);
        machine.Evaluate(_now, true).Should().BeNull("nineteen good ones are too few");
        Feed(machine, stable: 1);
        At(7);
        Verdict(machine.Evaluate(_now, true)).Should().Be((CanaryAction.Resume, "stable_again", 10, 10));
        machine.Evidence().Should().Match<CanaryEvidence>(static e => e.CanaryRequests == 0 && e.StableRequests == 0);
        Feed(machine, canary: 20, stable: 20);
        At(16.999);
        machine.Evaluate(_now, false).Should().BeNull();
        Feed(machine, canary: 1);
        At(17);
        machine.Evaluate(_now, false)!.Action.Should().Be(CanaryAction.Advance, "ten seconds after the outage");
    }

    [Theory]
    [InlineData(4, 20, false)] // a fifth is allowed
    [InlineData(5, 20, true)]
    [InlineData(19, 19, false)] // too few
    public void BothFail_SeenAtALook_NeedsTwentyOfTheOthers(int failed, int requests, bool pauses)
    {
        CanaryMachine machine = Start();
        Feed(machine, canary: 5, stable: requests, stableFailed: failed);
        At(1);
        (machine.Evaluate(_now, false)?.Reason).Should().Be(pauses ? "both_arms_fail" : null);
    }

    [Fact]
    public void BothFail_TooFewAtOneLook_AreLookedAtTogetherWithTheNext()
    {
        CanaryMachine machine = Start();
        Feed(machine, canary: 5, stable: 10, stableFailed: 10);
        At(1);
        machine.Evaluate(_now, false).Should().BeNull();
        Feed(machine, canary: 5, stable: 10, stableFailed: 10);
        At(2);
        machine.Evaluate(_now, false)!.Reason.Should().Be("both_arms_fail");
    }

    /// <summary>A circuit that opened after few failures leaves too few numbers for the other rules.</summary>
    [Theory]
    [InlineData(true, 20, true)]
    [InlineData(false, 20, false)] // it was closed at the last look
    [InlineData(true, 19, false)] // the others were asked too little to compare with
    public void Breaker_OpenOverAWholeInterval_RollsBack(bool openBefore, int stable, bool rolledBack)
    {
        CanaryMachine machine = Start();
        for (int i = 0; i < 3; i++)
        {
            machine.Record(true, true, 1, _now, _now, false).Should().BeNull();
        }

        At(1);
        machine.Evaluate(_now, openBefore).Should().BeNull();
        Feed(machine, stable: stable);
        At(2);
        (machine.Evaluate(_now, true)?.Reason).Should().Be(rolledBack ? "breaker_open" : "no_data");
    }

    [Fact]
    public void Breaker_OpensWhileTheOthersServe_RollsBackAtOnce()
    {
        CanaryMachine machine = Start();
        for (int i = 0; i < 4; i++)
        {
            machine.Record(true, true, 1, _now, _now, false).Should().BeNull();
            Feed(machine, stable: 5);
        }

        Verdict(machine.Record(true, true, 1, _now, _now, true)).Should().Be((CanaryAction.Rollback, "breaker_open", 10, 0), "four of four against none of twenty");
    }

    [Fact]
    public void Breaker_SeenOpenAtALook_RollsBackWhereTheOthersServed()
    {
        CanaryMachine machine = Start();
        Feed(machine, canary: 5, canaryFailed: 5);
        Feed(machine, stable: 30);
        At(1);
        Verdict(machine.Evaluate(_now, true)).Should().Be((CanaryAction.Rollback, "breaker_open", 10, 0));
    }

    [Fact]
    public void Breaker_OpenWithoutAFailureOfThisStep_IsNoReason()
    {
        CanaryMachine machine = Start();
        for (int i = 0; i < 200; i++)
        {
            machine.Record(true, false, 1, _now, _now, true).Should().BeNull();
            machine.Record(false, false, 1, _now, _now, true).Should().BeNull();
        }

        At(1);
        machine.Evaluate(_now, true).Should().BeNull();
    }

    [Fact]
    public void LastStepBelowHundred_Passes_AndMustKeepProvingItself()
    {
        CanaryMachine machine = Start(static o =>
        {
            o.Steps.Clear();
            o.Steps.Add(10);
            o.ProgressDeadline = TimeSpan.FromSeconds(30);
        });
        Feed(machine, canary: 20, stable: 20);
        At(10);
        Verdict(machine.Evaluate(_now, false)).Should().Be((CanaryAction.Pass, "step_passed", 10, 10));
        (machine.Phase, machine.Weight).Should().Be((CanaryPhase.Passed, 10));
        Feed(machine, canary: 20);
        At(15);
        machine.Evaluate(_now, false).Should().BeNull();
        machine.Evidence().CanaryRequests.Should().Be(0, "it is measured anew");
        At(500);
        machine.Evaluate(_now, false).Should().BeNull("who has passed waits for no data and no deadline");
        machine.Invoking(m => m.Apply(CanaryAction.Pause, _now)).Should().Throw<InvalidOperationException>().WithMessage("A canary that is Passed cannot be told to Pause.");
        Feed(machine, stable: 20, stableFailed: 20);
        machine.Evaluate(_now, false).Should().BeNull("what passed stays");
        machine.Phase.Should().Be(CanaryPhase.Passed);
        Feed(machine, canary: 20);
        machine.Evaluate(_now, false).Should().BeNull();
        FeedErrors(machine, 15, 100);
        machine.Evaluate(_now, false)!.Reason.Should().Be("error_ratio");
    }

    [Fact]
    public void Cooldown_IsKeptToTheTick()
    {
        CanaryMachine cooling = new(Plan(), _now, _now + 1);
        (cooling.Phase, cooling.Weight).Should().Be((CanaryPhase.CoolingDown, 0));
        cooling.Evaluate(_now, false).Should().BeNull();
        cooling.Invoking(m => m.Apply(CanaryAction.Restart, _now)).Should().Throw<InvalidOperationException>().WithMessage("*cooling down*");
        Verdict(cooling.Evaluate(_now + 1, false)).Should().Be((CanaryAction.Restart, "cooldown_over", 0, 10));
        new CanaryMachine(Plan(), _now, _now).Phase.Should().Be(CanaryPhase.Progressing, "the time is over");
    }

    [Fact]
    public void Operator_MayDoWhatMakesSense()
    {
        CanaryMachine machine = Start();
        machine.Invoking(m => m.Apply(CanaryAction.Resume, _now)).Should().Throw<InvalidOperationException>().WithMessage("A canary that is Progressing cannot be told to Resume.");
        Verdict(machine.Apply(CanaryAction.Abort, _now)).Should().Be((CanaryAction.Abort, "manual", 10, 0));
        machine.Invoking(m => m.Apply(CanaryAction.Abort, _now)).Should().Throw<InvalidOperationException>().WithMessage("A canary that is RolledBack cannot be told to Abort.");
        machine.Invoking(m => m.Apply(CanaryAction.Restart, machine.CoolUntil - 1)).Should().Throw<InvalidOperationException>().WithMessage("*rolled back and is cooling down*");
        machine.Evaluate(machine.CoolUntil, false).Should().BeNull("who was rolled back begins again only when told");
        Verdict(machine.Apply(CanaryAction.Restart, machine.CoolUntil)).Should().Be((CanaryAction.Restart, "manual", 0, 10));
        Verdict(machine.Apply(CanaryAction.Promote, _now)).Should().Be((CanaryAction.Promote, "manual", 10, 100));
        Verdict(machine.Apply(CanaryAction.Restart, _now)).Should().Be((CanaryAction.Restart, "manual", 100, 10));
        CanaryMachine shadow = Start(static o => o.Shadow = true);
        shadow.Invoking(m => m.Apply(CanaryAction.Promote, _now)).Should().Throw<InvalidOperationException>().WithMessage("A shadow answers nobody, so it cannot be promoted; turn Shadow off in its options.");
    }

    [Fact]
    public void Plan_OfTheUsualSteps_LeavesHundredToTheEnd()
    {
        CanaryPlan usual = new(new CanaryOptions(), Time);
        usual.Steps.Should().Equal(1, 5, 25, 50);
        usual.Promotes.Should().BeTrue();
        (usual.SignificanceOf(1), usual.SignificanceOf(2), usual.SignificanceOf(3)).Should().Be((0.01 / 2 / 2, 0.01 / 2 / 6, 0.01 / 2 / 12));
        Enumerable.Range(1, 100_000).Sum(i => 2 * usual.SignificanceOf(i)).Should().BeInRange(0.0099, 0.01, "all looks together have one probability");
        new CanaryPlan(new CanaryOptions { Shadow = true }, Time).Promotes.Should().BeFalse();
        new CanaryPlan(new CanaryOptions { Steps = { 10, 20 } }, Time).Promotes.Should().BeFalse();
        new CanaryPlan(new CanaryOptions { Steps = { 10, 100 } }, Time).Promotes.Should().BeTrue();
    }

    [Fact]
    public void Plan_AnyOptionChanged_IsAnotherRollout()
    {
        Action<CanaryOptions>[] changes =
        [
            static _ => { },
            static o => o.Steps.Add(3),
            static o => o.Shadow = true,
            static o => o.StepDuration += TimeSpan.FromSeconds(1),
            static o => o.StepRequests++,
            static o => o.Interval += TimeSpan.FromSeconds(1),
            static o => o.MaxErrorIncrease += 0.001,
            static o => o.ErrorRequests++,
            static o => o.MaxLatencyRatio += 0.1,
            static o => o.LatencyRequests++,
            static o => o.Significance += 0.001,
            static o => o.HardStop += 0.01,
            static o => o.ProgressDeadline += TimeSpan.FromSeconds(1),
            static o => o.Cooldown += TimeSpan.FromSeconds(1),
        ];
        changes.Select(static change =>
        {
            CanaryOptions options = new();
            change(options);
            return new CanaryPlan(options, Time).Digest;
        }).Should().OnlyHaveUniqueItems();
        new CanaryPlan(new CanaryOptions { Steps = { 1, 23 } }, Time).Digest.Should().NotBe(new CanaryPlan(new CanaryOptions { Steps = { 12, 3 } }, Time).Digest);
    }

    private static long Seconds(double seconds) => Time.Units(TimeSpan.FromSeconds(seconds));

    private void At(double seconds) => _now = Seconds(1_000) + Seconds(seconds);

    private static CanaryPlan Plan(Action<CanaryOptions>? change = null)
    {
        CanaryOptions options = new()
        {
            Steps = { 10, 50, 100 },
            StepDuration = TimeSpan.FromSeconds(10),
            StepRequests = 20,
            Cooldown = TimeSpan.FromSeconds(60),
        };
        change?.Invoke(options);
        return new CanaryPlan(options, Time);
    }

    private CanaryMachine Start(Action<CanaryOptions>? change = null) => new(Plan(change), _now);

    /// <summary>The failed ones come last; the others' before the canary's.</summary>
    private void Feed(CanaryMachine machine, int canary = 0, int canaryFailed = 0, int stable = 0, int stableFailed = 0)
    {
        for (int i = 0; i < stable; i++)
        {
            machine.Record(false, i >= stable - stableFailed, 1, _now, _now, false);
        }

        for (int i = 0; i < canary; i++)
        {
            machine.Record(true, i >= canary - canaryFailed, 1, _now, _now, false);
        }
    }

    /// <summary>As many of each arm, the canary's failures spread so evenly that they are no reason for a stop at once.</summary>
    private void FeedErrors(CanaryMachine machine, int canaryErrors, int of)
    {
        for (int i = 0; i < of; i++)
        {
            bool failed = (i + 1) * canaryErrors / of > i * canaryErrors / of;
            machine.Record(false, false, 1, _now, _now, false).Should().BeNull();
            machine.Record(true, failed, 1, _now, _now, false).Should().BeNull();
        }
    }

    private static (CanaryAction Action, string Reason, double From, double To) Verdict(CanaryVerdict? verdict)
    {
        verdict.Should().NotBeNull();
        return (verdict!.Action, verdict.Reason, verdict.From, verdict.To);
    }
}
