using System.Text.Json;
using Providers.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Conformance.Orchestration;

/// <summary>A host stops in good order, and another one goes on.</summary>
public abstract partial class WorkflowConformance
{
    [Fact]
    public async Task Host_StopsInTheMiddleOfAStep_TheNextHostRunsItAgain()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Step("a"), Gate("b"), Step("c", "a") with { Input = Json("\"{{a}}!\"") }));
        await _.Actors.EnteredAsync("b");
        await _.ChangeHostAsync(started.Id);
        _.Actors.Open("b");
        WorkflowSnapshot end = await _.WaitAsync(started.Id);
        end.Status.Should().Be(WorkflowStatus.Completed);
        end.Steps[1].Attempts.Should().Be(1, "a try that the stop interrupted does not count");
        end.Steps[2].Output!.Value.GetString().Should().Be("a!", "outputs of the first host are there");
        _.Actors.Log.Should().Equal("+a", "+b", "+c");
    }

    [Fact]
    public async Task Host_StopsInTheMiddleOfAStepThatMayNotRepeat_AllIsUndone()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Step("a"), Gate("b") with { Repeatable = false }));
        await _.Actors.EnteredAsync("b");
        await _.ChangeHostAsync(started.Id);
        (await _.WaitAsync(started.Id)).Status.Should().Be(WorkflowStatus.Failed);
        _.Actors.Log.Should().Equal("+a", "-b", "-a");
    }

    [Fact]
    public async Task Host_StopsWhilePaused_StaysPaused()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Gate("a"), Step("b")));
        await _.Actors.EnteredAsync("a");
        await _.Engine.PauseAsync(_.Tenant, started.Id);
        await _.ChangeHostAsync(started.Id);
        (await _.WaitAsync(started.Id)).Status.Should().Be(WorkflowStatus.Paused);
        _.Actors.Log.Should().BeEmpty();
        _.Actors.Open("a");
        await _.Engine.ResumeAsync(_.Tenant, started.Id);
        (await _.WaitAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
    }
}
