using System.Text.Json;
using Providers.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Conformance.Orchestration;

/// <summary>What can be asked of a workflow, and of a tenant's workflows.</summary>
public abstract partial class WorkflowConformance
{
    [Fact]
    public async Task Pause_WhileAStepRuns_LetsItFinishAndBeginsNoOther()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Gate("a"), Step("b")));
        await _.Actors.EnteredAsync("a");
        (await _.Engine.PauseAsync(_.Tenant, started.Id, "ann"))!.Status.Should().Be(WorkflowStatus.Paused);
        _.Actors.Open("a");
        WorkflowSnapshot paused = (await _.WaitAsync(started.Id));
        paused.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Completed, WorkflowStepStatus.Pending);
        await _.Engine.ResumeAsync(_.Tenant, started.Id);
        (await _.WaitAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
        (await _.Engine.GetHistoryAsync(_.Tenant, started.Id)).Select(static e => e.What).Should()
            .Equal("started", "step.started", "paused", "step.completed", "resumed", "step.started", "step.completed", "completed");
        (await _.Engine.GetHistoryAsync(_.Tenant, started.Id))[2].Actor.Should().Be("ann");
    }

    [Fact]
    public async Task Cancel_WhileAStepRuns_StopsItAndUndoesAll()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Step("a"), Gate("b"), Step("c")));
        await _.Actors.EnteredAsync("b");
        await _.Engine.CancelAsync(_.Tenant, started.Id, "ann");
        WorkflowSnapshot end = (await _.WaitAsync(started.Id));
        end.Status.Should().Be(WorkflowStatus.Cancelled);
        end.Reason.Should().Contain("ann");
        _.Actors.Log.Should().Equal("+a", "-b", "-a");
    }

    [Fact]
    public async Task Deadline_Passes_WhatWasDoneIsUndone()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Step("a"), Gate("b")) with { Deadline = TimeSpan.FromMinutes(1) });
        await _.Actors.EnteredAsync("b");
        while ((await _.Engine.GetAsync(_.Tenant, started.Id))!.Status is WorkflowStatus.Running)
        {
            _.Time.Advance(TimeSpan.FromSeconds(1)); // and not further: undoing takes its time, by the real clock, and has a limit by this one
            await Task.Yield();
        }

        WorkflowSnapshot end = await _.WaitAsync(started.Id);
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Reason.Should().Contain("00:01:00");
        _.Actors.Log.Should().Equal("+a", "-b", "-a");
    }

    [Fact]
    public async Task Verbs_AgainstTheState_SayHowThingsStand()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a")));
        foreach (Func<Task> verb in new Func<Task>[] { () => _.Engine.PauseAsync(_.Tenant, end.Id), () => _.Engine.ResumeAsync(_.Tenant, end.Id), () => _.Engine.CancelAsync(_.Tenant, end.Id) })
        {
            (await verb.Should().ThrowAsync<WorkflowConflictException>()).Which.Message.Should().Contain("completed");
        }
    }

    [Fact]
    public async Task Start_SameKeyTwice_IsOneWorkflow()
    {
        WorkflowDefinition flow = Flow(Step("a")) with { IdempotencyKey = "order 17" };
        WorkflowSnapshot[] started = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => this._.StartAsync(flow)));
        started.Select(static s => s.Id).Distinct().Should().HaveCount(1);
        await _.WaitAsync(started[0].Id);
        (await _.StartAsync(flow)).Status.Should().Be(WorkflowStatus.Completed);
        _.Actors.Log.Should().Equal("+a");
        await FluentActions.Awaiting(() => _.StartAsync(flow with { Goal = "another" })).Should().ThrowAsync<WorkflowConflictException>().WithMessage("*order 17*");
        (await _.Engine.StartAsync(_.OtherTenant, flow)).Id.Should().NotBe(started[0].Id, "keys are each tenant's own");
    }

    [Fact]
    public async Task Workflow_OfAnotherTenant_IsNotThere()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a")));
        (await _.Engine.GetAsync(_.OtherTenant, end.Id)).Should().BeNull();
        (await _.Engine.WaitAsync(_.OtherTenant, end.Id)).Should().BeNull();
        (await _.Engine.CancelAsync(_.OtherTenant, end.Id)).Should().BeNull();
        (await _.Engine.GetHistoryAsync(_.OtherTenant, end.Id)).Should().BeEmpty();
        (await _.Engine.ListAsync(_.OtherTenant)).Workflows.Should().BeEmpty();
        (await _.Engine.GetAsync(_.Tenant, "no id at all")).Should().BeNull();
        (await _.Engine.GetHistoryAsync(_.Tenant, "no id at all")).Should().BeEmpty();
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

        (IReadOnlyList<WorkflowSnapshot> first, string? cursor) = await _.Engine.ListAsync(_.Tenant, 3);
        (IReadOnlyList<WorkflowSnapshot> second, string? end) = await _.Engine.ListAsync(_.Tenant, 3, cursor);
        first.Concat(second).Select(static w => w.Id).Should().Equal(ids);
        end.Should().BeNull();
        first[0].Name.Should().Be("n0");
    }

    [Fact]
    public async Task Output_Large_IsKeptWholeFromHostToHost()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"wört {i} "));
        await using IWorkflowStage large = await RaiseAsync(static o => o.DocumentBytes = 1_000_000);
        WorkflowSnapshot end = await large.RunAsync(Flow(Step("a") with { Input = JsonSerializer.SerializeToElement(text) }));
        await large.ChangeHostAsync(end.Id);
        (await large.Engine.GetAsync(large.Tenant, end.Id))!.Steps[0].Output!.Value.GetString().Should().Be(text);
    }

    [Fact]
    public async Task Output_LargerThanAllowed_FailsTheStep()
    {
        await using IWorkflowStage small = await RaiseAsync(static o => o.DocumentBytes = 1_024);
        WorkflowSnapshot end = await small.RunAsync(Flow(new WorkflowStep { Id = "a", Handler = "big" }));
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Steps[0].Error.Should().Contain("1024 are kept");
    }
}
