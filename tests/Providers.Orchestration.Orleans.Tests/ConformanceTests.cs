using Microsoft.Extensions.DependencyInjection;
using Providers.Conformance.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>What every engine promises, by a client of two silos.</summary>
public sealed class ConformanceTests(SharedCluster shared) : WorkflowConformance, IClassFixture<SharedCluster>
{
    protected override async ValueTask<IWorkflowStage> RaiseAsync(Action<WorkflowOptions>? options = null)
    {
        if (options is null)
        {
            return new ClusterStage(shared.Cluster, shared.Time, owns: false);
        }

        FakeTimeProvider time = SharedCluster.NewTime();
        return new ClusterStage(await Cluster.StartAsync(new ClusterSetup(2) { Time = time, Options = options }), time, owns: true);
    }

    [Fact]
    public async Task Start_MoreThanMayBeOpenInTheSilo_IsRefused()
    {
        FakeTimeProvider time = SharedCluster.NewTime();
        Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { Time = time, Options = static o => o.MaxOpenWorkflows = 1 });
        await using ClusterStage small = new(cluster, time, owns: true);
        WorkflowSnapshot first = await small.StartAsync(Flow(Gate("a")));
        await FluentActions.Awaiting(() => small.StartAsync(Flow(Gate("a")))).Should().ThrowAsync<WorkflowConflictException>().WithMessage("1 workflows are open in this silo*");
        small.Actors.Open("a");
        await small.WaitAsync(first.Id);
        (await small.RunAsync(Flow(Step("b")))).Status.Should().Be(WorkflowStatus.Completed);
    }

    [Fact]
    public async Task Start_ManyAtOnce_DoNotPassTheLimitTogether()
    {
        FakeTimeProvider time = SharedCluster.NewTime();
        Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { Time = time, Options = static o => o.MaxOpenWorkflows = 3 });
        await using ClusterStage small = new(cluster, time, owns: true);
        bool[] started = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            try
            {
                await small.StartAsync(Flow(Gate("a")));
                return true;
            }
            catch (WorkflowConflictException)
            {
                return false;
            }
        }));
        started.Count(static s => s).Should().Be(3);
    }

    [Fact]
    public async Task Start_WhileAnEndedOneIsStillClearedAway_IsNotRefused()
    {
        FakeTimeProvider time = SharedCluster.NewTime();
        Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { Time = time, Options = static o => o.MaxOpenWorkflows = 1 });
        await using ClusterStage small = new(cluster, time, owns: true);
        TaskCompletionSource removals = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Reminders.Removals = removals.Task;
        try
        {
            (await small.RunAsync(Flow(Step("a")))).Status.Should().Be(WorkflowStatus.Completed);
            await small.StartAsync(Flow(Gate("a")));
            await FluentActions.Awaiting(() => small.StartAsync(Flow(Gate("a")))).Should().ThrowAsync<WorkflowConflictException>().WithMessage("1 workflows are open in this silo*");
        }
        finally
        {
            removals.SetResult();
        }
    }

    [Fact]
    public async Task Wait_WhileTheSiloStops_GoesOnWithTheNextOne()
    {
        await using IWorkflowStage stage = await RaiseAsync();
        WorkflowSnapshot started = await stage.StartAsync(Flow(Gate("a")));
        await stage.Actors.EnteredAsync("a");
        Task<WorkflowSnapshot> waiting = stage.WaitAsync(started.Id);
        await stage.ChangeHostAsync(started.Id);
        waiting.IsCompleted.Should().BeFalse();
        stage.Actors.Open("a");
        (await waiting).Status.Should().Be(WorkflowStatus.Completed);
    }

    [Fact]
    public async Task Wait_LongerThanOneCall_AsksAgain()
    {
        FakeTimeProvider time = SharedCluster.NewTime();
        Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { Time = time, More = static (_, services) => services.AddSingleton(static s => SiloWorkflows.Of(s) with { Wait = TimeSpan.FromMilliseconds(20) }) });
        await using ClusterStage stage = new(cluster, time, owns: true);
        WorkflowSnapshot started = await stage.StartAsync(Flow(Gate("a")));
        (await cluster.Grains.GetGrain<IWorkflowGrain>(started.Id).WaitAsync(stage.Tenant)).Should().Be(WorkflowRest.Open);
        Task<WorkflowSnapshot> waiting = stage.WaitAsync(started.Id);
        (await cluster.Grains.GetGrain<IWorkflowGrain>(started.Id).WaitAsync(stage.Tenant)).Should().Be(WorkflowRest.Open);
        stage.Actors.Open("a");
        (await waiting).Status.Should().Be(WorkflowStatus.Completed);
    }
}
