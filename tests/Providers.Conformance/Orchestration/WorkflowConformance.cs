using System.Text.Json;
using Providers.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Conformance.Orchestration;

/// <summary>What every engine promises: workflows from start to end.</summary>
public abstract partial class WorkflowConformance : IAsyncLifetime
{
    private IWorkflowStage _ = null!;

    /// <summary>Sets a stage; a test that changes options has one of its own.</summary>
    protected abstract ValueTask<IWorkflowStage> RaiseAsync(Action<WorkflowOptions>? options = null);

    public async ValueTask InitializeAsync() => _ = await RaiseAsync();

    public ValueTask DisposeAsync() => _.DisposeAsync();

    [Fact]
    public async Task Sequential_AllSucceed_RunsInOrderAndKeepsOutputs()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a"), Step("b"), Step("c")));
        end.Status.Should().Be(WorkflowStatus.Completed);
        end.Progress.Should().Be(1);
        end.Steps.Select(static s => s.Output!.Value.GetString()).Should().Equal("a", "b", "c");
        _.Actors.Log.Should().Equal("+a", "+b", "+c");
        _.Actors.MostActive.Should().Be(1);
    }

    [Fact]
    public async Task Sequential_DependenciesAgainstTheOrder_DependenciesWin()
    {
        await _.RunAsync(Flow(Step("a", "c"), Step("b"), Step("c")));
        _.Actors.Log.Should().Equal("+b", "+c", "+a");
    }

    [Fact]
    public async Task Parallel_IndependentSteps_RunBesideEachOther()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Gate("a"), Gate("b"), Step("c", "a", "b")) with { Strategy = WorkflowStrategy.Parallel });
        await Task.WhenAll(_.Actors.EnteredAsync("a"), _.Actors.EnteredAsync("b"));
        _.Actors.Open("b");
        _.Actors.Open("a");
        (await _.WaitAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
        _.Actors.Log.Last().Should().Be("+c");
    }

    [Fact]
    public async Task Hierarchical_UnevenLevels_NoStepBeginsBeforeTheLevelAboveHasEnded()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Gate("slow"), Step("quick"), Step("after", "quick")) with { Strategy = WorkflowStrategy.Hierarchical });
        await _.Actors.EnteredAsync("slow");
        _.Actors.Open("slow");
        await _.WaitAsync(started.Id);
        _.Actors.Log.Last().Should().Be("+after");
        _.Actors.Log.Should().BeEquivalentTo("+slow", "+quick", "+after");
    }

    [Fact]
    public async Task Input_WithPlaceholders_GetsTheOutputsOfOthersOnce()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(
            Step("a") with { Input = Json("""{"text":"say {{x}} and {{context}}"}""") },
            Step("b", "a") with { Input = Json("""["{{a}}", 1, null, "{{nobody}}", "{{ context }}", "{{open"]""") }) with { Context = Json("\"{{a}}\"") });
        end.Steps[1].Output!.Value.GetRawText().Should().Be("""["say {{x}} and {{a}}",1,null,"{{nobody}}","{{a}}","{{open"]""");
    }

    [Fact]
    public async Task Step_FailsTwice_IsTriedAgainAfterDoublingWaits()
    {
        _.Actors.Failures["a"] = 2;
        DateTimeOffset begun = _.Time.GetUtcNow();
        WorkflowSnapshot end = await _.RunThroughWaitsAsync(Flow(Step("a") with { RetryDelay = TimeSpan.FromSeconds(10) }));
        end.Status.Should().Be(WorkflowStatus.Completed);
        end.Steps[0].Attempts.Should().Be(3);
        end.Steps[0].Error.Should().BeNull();
        (end.Steps[0].Ended - begun).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
        _.Actors.Log.Should().Equal("!a", "!a", "+a");
    }

    [Fact]
    public async Task Step_FailsForGood_WhatWasDoneIsUndoneLastFirst()
    {
        _.Actors.Failures["c"] = -1;
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a"), Step("b"), Step("c"), Step("d")));
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Reason.Should().Contain("'c'").And.Contain("try 1 of 3").And.Contain("c is broken");
        end.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Compensated, WorkflowStepStatus.Compensated, WorkflowStepStatus.Compensated, WorkflowStepStatus.Skipped);
        _.Actors.Log.Should().Equal("+a", "+b", "!c", "-c", "-b", "-a");
    }

    [Fact]
    public async Task Step_OptionalFails_DependentsAreSkippedAndTheRestGoesOn()
    {
        _.Actors.Failures["a"] = -1;
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a") with { Optional = true }, Step("b", "a"), Step("c", "b"), Step("d")));
        end.Status.Should().Be(WorkflowStatus.Completed);
        end.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Failed, WorkflowStepStatus.Skipped, WorkflowStepStatus.Skipped, WorkflowStepStatus.Completed);
        _.Actors.Log.Should().Equal("!a", "+d");
    }

    [Fact]
    public async Task Step_TakesTooLong_FailsWithItsLimitAndIsUndone()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Gate("a") with { Timeout = TimeSpan.FromSeconds(30), MaxAttempts = 1 }));
        await _.Actors.EnteredAsync("a");
        _.Time.Advance(TimeSpan.FromSeconds(30));
        WorkflowSnapshot end = await _.WaitAsync(started.Id); // its undoing has thirty seconds too, so that the clock stands
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Steps[0].Error.Should().Contain("longer than 00:00:30");
        _.Actors.Log.Should().Equal("-a");
    }

    [Fact]
    public async Task Undo_FailsTwice_IsTriedAgain()
    {
        _.Actors.Failures["b"] = -1;
        _.Actors.UndoFailures["a"] = 2;
        WorkflowSnapshot end = await _.RunThroughWaitsAsync(Flow(Step("a"), Step("b")));
        end.Status.Should().Be(WorkflowStatus.Failed);
        _.Actors.Log.Should().Equal("+a", "!b", "-b", "-a");
    }

    [Fact]
    public async Task Undo_NeverSucceeds_IsStuckUntilResumed()
    {
        _.Actors.Failures["b"] = -1;
        _.Actors.UndoFailures["a"] = 3;
        WorkflowSnapshot stuck = await _.RunThroughWaitsAsync(Flow(Step("a"), Step("b")));
        stuck.Status.Should().Be(WorkflowStatus.Stuck);
        stuck.IsEnded.Should().BeFalse();
        stuck.Reason.Should().Contain("'a' could not be undone in 3 tries");
        await _.Engine.ResumeAsync(_.Tenant, stuck.Id, "ops");
        (await _.RestAsync(stuck.Id)).Status.Should().Be(WorkflowStatus.Failed);
        _.Actors.Log.Should().Equal("+a", "!b", "-b", "-a");
    }
}
