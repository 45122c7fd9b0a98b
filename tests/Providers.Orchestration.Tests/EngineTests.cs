using Providers.Memory;
using static Providers.Orchestration.Tests.Orchestra;

namespace Providers.Orchestration.Tests;

/// <summary>Workflows from start to end, over a store in process and a clock that the test moves.</summary>
public sealed class EngineTests : IAsyncDisposable
{
    private readonly Orchestra _ = new();

    public ValueTask DisposeAsync() => _.DisposeAsync();

    [Fact]
    public async Task Sequential_AllSucceed_RunsInOrderAndKeepsOutputs()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a"), Step("b"), Step("c")));
        end.Status.Should().Be(WorkflowStatus.Completed);
        end.Progress.Should().Be(1);
        end.Steps.Select(static s => s.Output!.Value.GetString()).Should().Equal("a", "b", "c");
        _.Log.Should().Equal("+a", "+b", "+c");
        _.MostActive.Should().Be(1);
    }

    [Fact]
    public async Task Sequential_DependenciesAgainstTheOrder_DependenciesWin()
    {
        await _.RunAsync(Flow(Step("a", "c"), Step("b"), Step("c")));
        _.Log.Should().Equal("+b", "+c", "+a");
    }

    [Fact]
    public async Task Parallel_IndependentSteps_RunBesideEachOther()
    {
        WorkflowSnapshot started = await _.Engine.StartAsync("acme", Flow(Gate("a"), Gate("b"), Step("c", "a", "b")) with { Strategy = WorkflowStrategy.Parallel });
        await Task.WhenAll(_.EnteredAsync("a"), _.EnteredAsync("b"));
        _.Open("b");
        _.Open("a");
        (await _.Engine.WaitAsync("acme", started.Id))!.Status.Should().Be(WorkflowStatus.Completed);
        _.Log.Last().Should().Be("+c");
    }

    [Fact]
    public async Task Hierarchical_UnevenLevels_NoStepBeginsBeforeTheLevelAboveHasEnded()
    {
        WorkflowSnapshot started = await _.Engine.StartAsync("acme", Flow(Gate("slow"), Step("quick"), Step("after", "quick")) with { Strategy = WorkflowStrategy.Hierarchical });
        await _.EnteredAsync("slow");
        _.Open("slow");
        await _.Engine.WaitAsync("acme", started.Id);
        _.Log.Last().Should().Be("+after");
        _.Log.Should().BeEquivalentTo("+slow", "+quick", "+after");
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
        _.Failures["a"] = 2;
        DateTimeOffset begun = _.Time.GetUtcNow();
        WorkflowSnapshot end = await _.RunThroughWaitsAsync(Flow(Step("a") with { RetryDelay = TimeSpan.FromSeconds(10) }));
        end.Status.Should().Be(WorkflowStatus.Completed);
        end.Steps[0].Attempts.Should().Be(3);
        end.Steps[0].Error.Should().BeNull();
        (end.Steps[0].Ended - begun).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30)).And.BeLessThan(TimeSpan.FromSeconds(120));
        _.Log.Should().Equal("!a", "!a", "+a");
    }

    [Fact]
    public async Task Step_FailsForGood_WhatWasDoneIsUndoneLastFirst()
    {
        _.Failures["c"] = -1;
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a"), Step("b"), Step("c"), Step("d")));
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Reason.Should().Contain("'c'").And.Contain("try 1 of 3").And.Contain("c is broken");
        end.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Compensated, WorkflowStepStatus.Compensated, WorkflowStepStatus.Compensated, WorkflowStepStatus.Skipped);
        _.Log.Should().Equal("+a", "+b", "!c", "-c", "-b", "-a");
    }

    [Fact]
    public async Task Step_OptionalFails_DependentsAreSkippedAndTheRestGoesOn()
    {
        _.Failures["a"] = -1;
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a") with { Optional = true }, Step("b", "a"), Step("c", "b"), Step("d")));
        end.Status.Should().Be(WorkflowStatus.Completed);
        end.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Failed, WorkflowStepStatus.Skipped, WorkflowStepStatus.Skipped, WorkflowStepStatus.Completed);
        _.Log.Should().Equal("!a", "+d");
    }

    [Fact]
    public async Task Step_TakesTooLong_FailsWithItsLimitAndIsUndone()
    {
        WorkflowSnapshot started = await _.Engine.StartAsync("acme", Flow(Gate("a") with { Timeout = TimeSpan.FromSeconds(30), MaxAttempts = 1 }));
        await _.EnteredAsync("a");
        WorkflowSnapshot end = await _.RestAsync(started.Id);
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Steps[0].Error.Should().Contain("longer than 00:00:30");
        _.Log.Should().Equal("-a");
    }

    [Fact]
    public async Task Undo_FailsTwice_IsTriedAgain()
    {
        _.Failures["b"] = -1;
        _.UndoFailures["a"] = 2;
        WorkflowSnapshot end = await _.RunThroughWaitsAsync(Flow(Step("a"), Step("b")));
        end.Status.Should().Be(WorkflowStatus.Failed);
        _.Log.Should().Equal("+a", "!b", "-b", "-a");
    }

    [Fact]
    public async Task Undo_NeverSucceeds_IsStuckUntilResumed()
    {
        _.Failures["b"] = -1;
        _.UndoFailures["a"] = 3;
        WorkflowSnapshot stuck = await _.RunThroughWaitsAsync(Flow(Step("a"), Step("b")));
        stuck.Status.Should().Be(WorkflowStatus.Stuck);
        stuck.IsEnded.Should().BeFalse();
        stuck.Reason.Should().Contain("'a' could not be undone in 3 tries");
        await _.Engine.ResumeAsync("acme", stuck.Id, "ops");
        (await _.RestAsync(stuck.Id)).Status.Should().Be(WorkflowStatus.Failed);
        _.Log.Should().Equal("+a", "!b", "-b", "-a");
    }

    [Fact]
    public async Task Pause_WhileAStepRuns_LetsItFinishAndBeginsNoOther()
    {
        WorkflowSnapshot started = await _.Engine.StartAsync("acme", Flow(Gate("a"), Step("b")));
        await _.EnteredAsync("a");
        (await _.Engine.PauseAsync("acme", started.Id, "ann"))!.Status.Should().Be(WorkflowStatus.Paused);
        _.Open("a");
        WorkflowSnapshot paused = (await _.Engine.WaitAsync("acme", started.Id))!;
        paused.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Completed, WorkflowStepStatus.Pending);
        await _.Engine.ResumeAsync("acme", started.Id);
        (await _.Engine.WaitAsync("acme", started.Id))!.Status.Should().Be(WorkflowStatus.Completed);
        (await _.Engine.GetHistoryAsync("acme", started.Id)).Select(static e => e.What).Should()
            .Equal("started", "step.started", "paused", "step.completed", "resumed", "step.started", "step.completed", "completed");
        (await _.Engine.GetHistoryAsync("acme", started.Id))[2].Actor.Should().Be("ann");
    }

    [Fact]
    public async Task Cancel_WhileAStepRuns_StopsItAndUndoesAll()
    {
        WorkflowSnapshot started = await _.Engine.StartAsync("acme", Flow(Step("a"), Gate("b"), Step("c")));
        await _.EnteredAsync("b");
        await _.Engine.CancelAsync("acme", started.Id, "ann");
        WorkflowSnapshot end = (await _.Engine.WaitAsync("acme", started.Id))!;
        end.Status.Should().Be(WorkflowStatus.Cancelled);
        end.Reason.Should().Contain("ann");
        _.Log.Should().Equal("+a", "-b", "-a");
    }

    [Fact]
    public async Task Deadline_Passes_WhatWasDoneIsUndone()
    {
        WorkflowSnapshot started = await _.Engine.StartAsync("acme", Flow(Step("a"), Gate("b")) with { Deadline = TimeSpan.FromMinutes(1) });
        await _.EnteredAsync("b");
        WorkflowSnapshot end = await _.RestAsync(started.Id);
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Reason.Should().Contain("00:01:00");
        _.Log.Should().Equal("+a", "-b", "-a");
    }

    [Fact]
    public async Task Verbs_AgainstTheState_SayHowThingsStand()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a")));
        foreach (Func<Task> verb in new Func<Task>[] { () => _.Engine.PauseAsync("acme", end.Id), () => _.Engine.ResumeAsync("acme", end.Id), () => _.Engine.CancelAsync("acme", end.Id) })
        {
            (await verb.Should().ThrowAsync<WorkflowConflictException>()).Which.Message.Should().Contain("completed");
        }
    }

    [Fact]
    public async Task Start_SameKeyTwice_IsOneWorkflow()
    {
        WorkflowDefinition flow = Flow(Step("a")) with { IdempotencyKey = "order 17" };
        WorkflowSnapshot[] started = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => this._.Engine.StartAsync("acme", flow)));
        started.Select(static s => s.Id).Distinct().Should().HaveCount(1);
        await _.Engine.WaitAsync("acme", started[0].Id);
        (await _.Engine.StartAsync("acme", flow)).Status.Should().Be(WorkflowStatus.Completed);
        _.Log.Should().Equal("+a");
        await FluentActions.Awaiting(() => _.Engine.StartAsync("acme", flow with { Goal = "another" })).Should().ThrowAsync<WorkflowConflictException>().WithMessage("*order 17*");
        (await _.Engine.StartAsync("other", flow)).Id.Should().NotBe(started[0].Id, "keys are each tenant's own");
    }

    [Fact]
    public async Task Workflow_OfAnotherTenant_IsNotThere()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a")));
        (await _.Engine.GetAsync("other", end.Id)).Should().BeNull();
        (await _.Engine.WaitAsync("other", end.Id)).Should().BeNull();
        (await _.Engine.CancelAsync("other", end.Id)).Should().BeNull();
        (await _.Engine.GetHistoryAsync("other", end.Id)).Should().BeEmpty();
        (await _.Engine.ListAsync("other")).Workflows.Should().BeEmpty();
        (await _.Engine.GetAsync("acme", "no id at all")).Should().BeNull();
        (await _.Engine.GetHistoryAsync("acme", "no id at all")).Should().BeEmpty();
    }

    [Fact]
    public async Task List_PageByPage_ShowsEachOnce()
    {
        List<string> ids = [];
        for (int i = 0; i < 5; i++)
        {
            ids.Add((await _.RunAsync(Flow(Step("a")) with { Name = $"n{i}" })).Id);
            _.Time.Advance(TimeSpan.FromSeconds(1));
        }

        (IReadOnlyList<WorkflowSnapshot> first, string? cursor) = await _.Engine.ListAsync("acme", 3);
        (IReadOnlyList<WorkflowSnapshot> second, string? end) = await _.Engine.ListAsync("acme", 3, cursor);
        first.Concat(second).Select(static w => w.Id).Should().Equal(ids);
        end.Should().BeNull();
        first[0].Name.Should().Be("n0");
    }

    [Fact]
    public async Task Workflow_Ended_IsForgottenAfterItsRetention()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a")));
        await _.DisposeAsync();
        _.Time.Advance(TimeSpan.FromDays(31));
        await _.Store.PurgeExpiredAsync();
        (await _.Store.GetStatsAsync(new MemoryScope(MemoryWorkflowStore.Owner, "acme"))).Count.Should().Be(0);
        (await _.Store.GetStatsAsync(new MemoryScope(MemoryWorkflowStore.Owner + ".open"))).Count.Should().Be(0);
        end.Version.Should().Be(4);
    }

    [Fact]
    public async Task Output_LargerThanOneMemory_IsKeptWhole()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"wört {i} "));
        await using Orchestra large = new(options: static o => o.DocumentBytes = 1_000_000);
        WorkflowSnapshot end = await large.RunAsync(Flow(Step("a") with { Input = JsonSerializer.SerializeToElement(text) }));
        await using Orchestra later = new(large.Store, time: large.Time);
        (await later.Engine.GetAsync("acme", end.Id))!.Steps[0].Output!.Value.GetString().Should().Be(text);
    }

    [Fact]
    public async Task Output_LargerThanAllowed_FailsTheStep()
    {
        await using Orchestra small = new(more: static s => s.AddBigStep(), options: static o => o.DocumentBytes = 1_024);
        WorkflowSnapshot end = await small.RunAsync(Flow(new WorkflowStep { Id = "a", Handler = "big" }));
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Steps[0].Error.Should().Contain("1024 are kept");
    }

    [Fact]
    public async Task Start_MoreThanMayBeOpen_IsRefused()
    {
        await using Orchestra small = new(options: static o => o.MaxOpenWorkflows = 1);
        await small.Engine.StartAsync("acme", Flow(Gate("a")));
        await FluentActions.Awaiting(() => small.Engine.StartAsync("acme", Flow(Gate("a")))).Should().ThrowAsync<WorkflowConflictException>().WithMessage("1 workflows are open*");
    }
}
