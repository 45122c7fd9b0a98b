using Providers.Conformance.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A silo dies in the middle of plans; nobody asks for them, and they go on elsewhere.</summary>
public sealed class KillTests
{
    private readonly Stalls _stalls = new();

    [Fact]
    public async Task Silo_KilledInTheMiddleOfAStep_ThePlanFinishesElsewhereAndNoResultIsLost()
    {
        await using Cluster cluster = await StartAsync();
        WorkflowSnapshot started = await cluster.Engine.StartAsync("acme", Flow(Step("a"), Stalls.Step("b", "a"), Step("c", "a", "b") with { Input = Json("\"{{a}} {{b}}\"") }));
        (string first, _) = await _stalls.EnteredAsync();
        await cluster.KillAsync(first);
        (string second, WorkflowStepContext again) = await _stalls.EnteredAsync();
        second.Should().NotBe(first);
        again.Outputs["a"].GetString().Should().Be("a", "what the dead silo had acknowledged is there");
        _stalls.Open(second);
        WorkflowSnapshot end = await WaitAsync(cluster, started.Id);
        end.Status.Should().Be(WorkflowStatus.Completed, end.Reason);
        end.Steps.Select(static s => s.Attempts).Should().Equal(1, 2, 1);
        end.Steps[2].Output!.Value.GetString().Should().Be($"a {second}");
        cluster.ActorsOf("acme").Log.Should().Equal("+a", "+c");

        IReadOnlyList<WorkflowEvent> history = await cluster.Engine.GetHistoryAsync("acme", started.Id);
        history.Where(static e => e.What == "step.completed").Select(static e => e.Step).Should().Equal("a", "b", "c");
        history.Single(static e => e.What == "step.retrying").Detail.Should().Contain("stopped in the middle");
        history.Select(static e => e.Sequence).Should().Equal(Enumerable.Range(1, history.Count).Select(static i => (long)i));
    }

    [Fact]
    public async Task Silo_KilledInTheMiddleOfAStepThatMayNotRepeat_TheStepIsNotRunAgainAndAllIsUndone()
    {
        await using Cluster cluster = await StartAsync();
        WorkflowSnapshot started = await cluster.Engine.StartAsync("acme", Flow(Step("a"), Stalls.Step("b", "a") with { Repeatable = false }));
        (string first, _) = await _stalls.EnteredAsync();
        await cluster.KillAsync(first);
        WorkflowSnapshot end = await WaitAsync(cluster, started.Id);
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Compensated, WorkflowStepStatus.Compensated);
        _stalls.HasEntered.Should().BeFalse("it may not run twice");
        _stalls.Undone.Should().ContainSingle().Which.Should().StartWith("b@").And.NotEndWith("@" + first);
        cluster.ActorsOf("acme").Log.Should().Equal("+a", "-a");
    }

    private static async Task<WorkflowSnapshot> WaitAsync(Cluster cluster, string id)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        return (await cluster.Engine.WaitAsync("acme", id, patience.Token))!;
    }

    private Task<Cluster> StartAsync() => Cluster.StartAsync(new ClusterSetup(3) { More = _stalls.Add, ReminderSeconds = 1, ProbeTimeout = TimeSpan.FromSeconds(2) });
}
