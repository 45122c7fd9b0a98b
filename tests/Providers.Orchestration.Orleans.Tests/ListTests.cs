using Orleans;
using Orleans.Runtime;
using Providers.Conformance.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>What becomes of workflows whose start broke off, and of those whose time has come.</summary>
public sealed class ListTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = SharedCluster.NewTime();
    private Cluster _cluster = null!;
    private ClusterStage _ = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.StartAsync(new ClusterSetup(1) { Time = _time });
        _ = new ClusterStage(_cluster, _time, owns: true);
    }

    public ValueTask DisposeAsync() => _.DisposeAsync();

    [Fact]
    public async Task Start_BreaksOff_IsNotListedAndCanBeRepeated()
    {
        WorkflowDefinition flow = Flow(Gate("a")) with { IdempotencyKey = "k" };
        _cluster.Storage.Refuses = static (name, _, writes) => name == "run" && writes;
        await FluentActions.Awaiting(() => _.StartAsync(flow)).Should().ThrowAsync<Exception>().WithMessage("*disk is full*");
        _cluster.Storage.Refuses = null;
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Should().BeEmpty();
        WorkflowSnapshot started = await _.StartAsync(flow);
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Should().ContainSingle().Which.Id.Should().Be(started.Id);
        (await PlacesAsync()).Should().Equal([0, 1], "each try took a place");
        await TickAsync($"{WorkflowGrain.Type}/{started.Id}");
        _cluster.Reminders.Names.Should().Contain($"{WorkflowGrain.Type}/{started.Id}:go-on", "it is open");
        _time.Advance(TimeSpan.FromDays(31));
        await SweepAsync();
        (await PlacesAsync()).Should().Equal([1], "a place that no workflow refers to goes with time");
    }

    [Fact]
    public async Task Reminder_OfAWorkflowThatIsNotThere_GoesWithTheNextTick()
    {
        _cluster.Storage.Refuses = static (name, _, writes) => name == "run" && writes;
        await FluentActions.Awaiting(() => _.StartAsync(Flow(Step("a")))).Should().ThrowAsync<Exception>();
        _cluster.Storage.Refuses = null;
        string left = _cluster.Reminders.Names.Single(static n => n.EndsWith(":go-on", StringComparison.Ordinal));
        await TickAsync(left.Split(':')[0]);
        _cluster.Reminders.Names.Should().NotContain(left);
    }

    [Fact]
    public async Task Workflow_Ended_IsForgottenAfterItsRetentionAndLeavesNothing()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a"), Step("b")));
        WorkflowSnapshot open = await _.StartAsync(Flow(Gate("c")));
        await _.Actors.EnteredAsync("c");
        await SweepAsync();
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Select(static w => w.Id).Should().Equal(end.Id, open.Id);
        _time.Advance(TimeSpan.FromDays(31));
        WorkflowSnapshot late = await _.RunAsync(Flow(Step("d")));
        await SweepAsync();
        (await _.Engine.GetAsync(_.Tenant, end.Id)).Should().BeNull();
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Select(static w => w.Id).Should().Equal(open.Id, late.Id);
        _.Actors.Open("c");
        await _.RestAsync(open.Id);
        _time.Advance(TimeSpan.FromDays(31));
        await SweepAsync();
        _cluster.Storage.Names.Should().Equal("page.0");
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Should().BeEmpty();
    }

    [Fact]
    public async Task Workflow_ThatCannotBeRead_DoesNotKeepTheOthers()
    {
        await _.RunAsync(Flow(Step("a")));
        WorkflowSnapshot broken = await _.RunAsync(Flow(Step("b")));
        await _cluster.DeactivateAsync(broken.Id);
        _time.Advance(TimeSpan.FromDays(31));
        _cluster.Storage.Refuses = (_, grain, _) => grain == Cluster.GrainOf(broken.Id);
        await SweepAsync();
        _cluster.Storage.Refuses = null;
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Should().ContainSingle().Which.Id.Should().Be(broken.Id);
    }

    [Fact]
    public async Task Start_AnotherActivationWasFirst_ShowsWhatThatOneStarted()
    {
        WorkflowDefinition flow = Flow(Gate("a")) with { IdempotencyKey = "k" };
        string id = WorkflowIds.New(_.Tenant, flow, default);
        (await _.Engine.GetAsync(_.Tenant, id)).Should().BeNull();
        Changes begun = new(RunState.Begin(id, _.Tenant, flow with { Context = Json("1") }, _time.GetUtcNow()), _time.GetUtcNow());
        begun.Say("started", actor: "first");
        (await Other(id).CreateAsync(begun.Done(), 0, default)).Should().BeTrue();
        await FluentActions.Awaiting(() => _.StartAsync(flow)).Should().ThrowAsync<WorkflowConflictException>("the key belongs to another definition");
        (await _.StartAsync(flow with { Context = Json("1") })).Id.Should().Be(id);
        (await _.Engine.GetHistoryAsync(_.Tenant, id))[0].Actor.Should().Be("first");
    }

    [Fact]
    public async Task List_AnotherActivationHasWritten_LosesNothing()
    {
        WorkflowSnapshot first = await _.RunAsync(Flow(Step("a")));
        using (WorkflowPages pages = await PagesAsync())
        {
            await pages.AddAsync(Guid.Empty.ToString(), _time.GetUtcNow());
        }

        WorkflowSnapshot second = await _.RunAsync(Flow(Step("b")));
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Select(static w => w.Id).Should().Equal(first.Id, second.Id);
    }

    [Fact]
    public async Task Verb_AfterAnotherActivationHasWritten_IsDoneByTheNextOne()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Gate("a")));
        await _.Actors.EnteredAsync("a");
        GrainWorkflowStore other = Other(started.Id);
        await other.LoadAsync(default);
        await other.SaveAsync(WorkflowMachine.Pause(other.State!, "other", _time.GetUtcNow()), 0, null, default);
        (await _.Engine.CancelAsync(_.Tenant, started.Id, "ann"))!.Reason.Should().Contain("ann");
        (await _.WaitAsync(started.Id)).Status.Should().Be(WorkflowStatus.Cancelled);
        (await _.Engine.GetHistoryAsync(_.Tenant, started.Id)).Select(static e => e.What).Should().ContainInOrder("started", "step.started", "paused", "step.retrying", "cancelling", "step.compensated", "cancelled");
    }

    [Fact]
    public async Task List_OverPages_ShowsEachOnceInOrder()
    {
        List<string> ids = [];
        for (int i = 0; i < 205; i++)
        {
            ids.Add((await _.StartAsync(Flow(Step("a")))).Id);
        }

        List<string> seen = [];
        string? cursor = null;
        do
        {
            (IReadOnlyList<WorkflowSnapshot> page, cursor) = await _.Engine.ListAsync(_.Tenant, 100, cursor);
            seen.AddRange(page.Select(static w => w.Id));
        }
        while (cursor is not null);
        seen.Should().Equal(ids);
    }

    [Theory]
    [InlineData(0, null, "limit: 0 is not 1 to 200.")]
    [InlineData(201, "x", "limit: 201 is not 1 to 200. cursor: 'x' is not one that a listing gave.")]
    [InlineData(5, "-1", "cursor: '-1' is not*")]
    public async Task List_WrongArguments_AreNamed(int limit, string? cursor, string error) =>
        await FluentActions.Awaiting(() => _.Engine.ListAsync(_.Tenant, limit, cursor)).Should().ThrowAsync<WorkflowValidationException>().WithMessage(error);

    [Fact]
    public async Task Reminders_OfEndedWorkflows_AreGone()
    {
        WorkflowSnapshot end = await _.RunAsync(Flow(Step("a")));
        await _cluster.DeactivateAsync(end.Id); // waits for what the run has yet to do
        _cluster.Reminders.Names.Should().Equal($"providers.workflows/{_.Tenant}:sweep");
    }

    [Fact]
    public async Task Storage_IsAwayForAWhile_NothingIsLost()
    {
        WorkflowSnapshot started = await _.StartAsync(Flow(Gate("a"), Step("b")));
        await _.Actors.EnteredAsync("a");
        TaskCompletionSource refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Storage.Refuses = (_, _, _) => refused.TrySetResult() || true;
        _.Actors.Open("a");
        await refused.Task.WaitAsync(TimeSpan.FromMinutes(1));
        _cluster.Storage.Refuses = null;
        (await _.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
        _.Actors.Log.Should().Equal("+a", "+b");
    }

    private GrainWorkflowStore Other(string id) => new(new DocumentStore(_cluster.Storage, Cluster.GrainOf(id)), static _ => Task.CompletedTask);

    private async Task<WorkflowPages> PagesAsync()
    {
        WorkflowPages pages = new(new DocumentStore(_cluster.Storage, GrainId.Create("providers.workflows", _.Tenant)));
        await pages.OpenAsync(default);
        return pages;
    }

    private async Task<IEnumerable<long>> PlacesAsync()
    {
        using WorkflowPages pages = await PagesAsync();
        return (await pages.EntriesAsync(0, default)).Select(static e => e.Place);
    }

    private Task SweepAsync() => TickAsync($"providers.workflows/{_.Tenant}");

    private Task TickAsync(string grain) => _cluster.Grains.GetGrain<IRemindable>(GrainId.Parse(grain)).ReceiveReminder("by hand", new TickStatus());
}
