using Providers.Conformance.Orchestration;
using Providers.Memory;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Tests;

/// <summary>What every engine promises, by the engine of one process over a store in process.</summary>
public sealed class EngineTests : WorkflowConformance
{
    protected override ValueTask<IWorkflowStage> RaiseAsync(Action<WorkflowOptions>? options = null) => new(new Orchestra(options: options));

    [Fact]
    public async Task Start_MoreThanMayBeOpen_IsRefused()
    {
        await using Orchestra small = new(options: static o => o.MaxOpenWorkflows = 1);
        await small.StartAsync(Flow(Gate("a")));
        await FluentActions.Awaiting(() => small.StartAsync(Flow(Gate("a")))).Should().ThrowAsync<WorkflowConflictException>().WithMessage("1 workflows are open*");
    }

    [Fact]
    public async Task Host_Stops_WhoeverWaitsOrAsksIsToldAndNothingIsChanged()
    {
        InMemoryStore memory = new();
        await using Orchestra host = new(memory);
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Gate("a")));
        await host.Actors.EnteredAsync("a");
        Task<WorkflowSnapshot> waiting = host.WaitAsync(started.Id);
        await host.StopHostAsync();
        (await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>()).WithMessage("The host stops*");
        foreach (Func<Task> ask in (Func<Task>[])[() => host.Engine.PauseAsync("acme", started.Id), () => host.Engine.CancelAsync("acme", started.Id)])
        {
            (await ask.Should().ThrowAsync<WorkflowConflictException>()).WithMessage("The host stops, and nothing was changed*");
        }

        (await host.Engine.GetAsync("acme", started.Id))!.Status.Should().Be(WorkflowStatus.Running);
        await using Orchestra next = new(memory, time: host.Time);
        next.Actors.Open("a");
        await next.StartHostAsync();
        (await next.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
    }

    [Fact]
    public async Task Workflow_Ended_IsForgottenAfterItsRetention()
    {
        Orchestra host = new();
        WorkflowSnapshot end = await host.RunAsync(Flow(Step("a")));
        MemoryScope open = new(MemoryWorkflowStore.Owner + ".open");
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while ((await host.Store.GetStatsAsync(open, limit.Token)).Count > 0)
        {
            await Task.Yield(); // it is closed after it has come to rest
        }

        await host.DisposeAsync();
        host.Time.Advance(TimeSpan.FromDays(31));
        await host.Store.PurgeExpiredAsync();
        (await host.Store.GetStatsAsync(new MemoryScope(MemoryWorkflowStore.Owner, "acme"))).Count.Should().Be(0);
        (await host.Store.GetStatsAsync(open)).Count.Should().Be(0);
        end.Version.Should().Be(4);
    }
}
