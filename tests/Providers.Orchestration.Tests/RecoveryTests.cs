using Microsoft.Extensions.DependencyInjection;
using Providers.Conformance.Orchestration;
using Providers.Memory;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Tests;

/// <summary>The store is away for a while.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public async Task Store_IsAwayForAWhile_NothingIsLost()
    {
        FlakyStore store = new(new InMemoryStore());
        await using Orchestra host = new(store);
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Gate("a"), Step("b")));
        await host.Actors.EnteredAsync("a");
        store.Broken = true;
        host.Actors.Open("a");
        await store.Refused.Task.WaitAsync(TimeSpan.FromSeconds(60));
        store.Broken = false;
        (await host.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
        host.Log.Should().Equal("+a", "+b");
    }

    [Fact]
    public async Task Store_IsAwayAtTheStart_WorkflowsGoOnWhenItIsBack()
    {
        InMemoryStore memory = new();
        Orchestra first = new(memory);
        WorkflowSnapshot started = await first.Engine.StartAsync("acme", Flow(Gate("a")));
        await first.Actors.EnteredAsync("a");
        await first.DisposeAsync();
        FlakyStore store = new(memory) { Broken = true };
        await using Orchestra second = new(store, time: first.Time);
        second.Actors.Open("a");
        await second.StartHostAsync();
        await store.Refused.Task.WaitAsync(TimeSpan.FromSeconds(60));
        store.Broken = false;
        while (!second.Log.Contains("+a"))
        {
            second.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await second.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
    }

    [Fact]
    public async Task Change_WhileTheStoreIsAway_IsRefusedAndNotMadeLater()
    {
        FlakyStore store = new(new InMemoryStore());
        await using Orchestra host = new(store);
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Gate("a")));
        await host.Actors.EnteredAsync("a");
        store.Broken = true;
        for (int i = 0; i < 3; i++)
        {
            await FluentActions.Awaiting(() => host.Engine.PauseAsync("acme", started.Id)).Should().ThrowAsync<IOException>("no time passes that it could wait for");
        }

        store.Broken = false;
        host.Actors.Open("a");
        (await host.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
        (await host.Engine.GetHistoryAsync("acme", started.Id)).Should().NotContain(static e => e.What == "paused");
    }

    [Fact]
    public async Task Change_WrittenThoughTheStoreFailed_IsFoundWritten()
    {
        FlakyStore store = new(new InMemoryStore());
        await using Orchestra host = new(store);
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Gate("a")));
        await host.Actors.EnteredAsync("a");
        store.LosesTheNextAnswer = true;
        await FluentActions.Awaiting(() => host.Engine.PauseAsync("acme", started.Id)).Should().ThrowAsync<IOException>();
        (await host.Engine.ResumeAsync("acme", started.Id))!.Status.Should().Be(WorkflowStatus.Running);
        host.Actors.Open("a");
        (await host.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
        (await host.Engine.GetHistoryAsync("acme", started.Id)).Select(static e => e.What).Where(static w => w is "paused" or "resumed").Should().Equal("paused", "resumed");
    }

    [Fact]
    public async Task Change_WhileAStepsResultWaitsForTheStore_IsRefusedAtOnceAndTheResultKept()
    {
        FlakyStore store = new(new InMemoryStore());
        await using Orchestra host = new(store);
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Gate("a"), Gate("b")) with { Strategy = WorkflowStrategy.Parallel });
        await host.Actors.EnteredAsync("a");
        await host.Actors.EnteredAsync("b");
        store.Broken = true;
        host.Actors.Open("a");
        await store.Refused.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await FluentActions.Awaiting(() => host.Engine.CancelAsync("acme", started.Id)).Should().ThrowAsync<IOException>();
        host.Actors.Open("b"); // reported while the store is away
        await FluentActions.Awaiting(() => host.Engine.PauseAsync("acme", started.Id)).Should().ThrowAsync<IOException>();
        store.Broken = false;
        (await host.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Completed);
        host.Log.Should().BeEquivalentTo("+a", "+b");
    }

    [Fact]
    public async Task Change_OfAWorkflowThatAnotherEngineChanged_IsAConflictAtOnceAndCanBeRepeated()
    {
        InMemoryStore memory = new();
        await using Orchestra first = new(memory);
        await using Orchestra second = new(memory, time: first.Time);
        WorkflowSnapshot started = await first.Engine.StartAsync("acme", Flow(Gate("a")));
        await first.Actors.EnteredAsync("a");
        (await second.Engine.PauseAsync("acme", started.Id, "second"))!.Status.Should().Be(WorkflowStatus.Paused);
        await FluentActions.Awaiting(() => first.Engine.PauseAsync("acme", started.Id, "first").WaitAsync(TimeSpan.FromMinutes(1)))
            .Should().ThrowAsync<WorkflowConflictException>().WithMessage("*changed by another engine*");
        WorkflowSnapshot? cancelled = null;
        for (int i = 0; cancelled is null && i < 100; i++)
        {
            try
            {
                cancelled = await first.Engine.CancelAsync("acme", started.Id, "first");
            }
            catch (WorkflowConflictException)
            {
                // the second engine wrote down what its own steps came to
            }
        }

        cancelled!.Status.Should().NotBe(WorkflowStatus.Running);
    }

    [Fact]
    public async Task Start_WithTheKeyOfAnEndedWorkflow_ListsNothingAsOpen()
    {
        InMemoryStore memory = new();
        await using Orchestra host = new(memory);
        WorkflowDefinition definition = Flow(Step("a")) with { IdempotencyKey = "k" };
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", definition);
        await host.RestAsync(started.Id);
        MemoryScope open = new(MemoryWorkflowStore.Owner + ".open");
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while ((await memory.ListAsync(open, new MemoryListOptions(), limit.Token)).Records.Count > 0)
        {
            await Task.Yield(); // it is closed after it has come to rest
        }

        (await host.Engine.StartAsync("acme", definition)).Id.Should().Be(started.Id);
        (await memory.ListAsync(open, new MemoryListOptions(), limit.Token)).Records.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_WhileAnEndedOneIsStillClearedAway_IsNotRefused()
    {
        FlakyStore store = new(new InMemoryStore()) { Deletes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using Orchestra host = new(store, options: static o => o.MaxOpenWorkflows = 1);
        try
        {
            WorkflowSnapshot first = await host.Engine.StartAsync("acme", Flow(Step("a")));
            (await host.RestAsync(first.Id)).Status.Should().Be(WorkflowStatus.Completed);
            await host.Engine.StartAsync("acme", Flow(Gate("a")));
            await FluentActions.Awaiting(() => host.Engine.StartAsync("acme", Flow(Gate("a")))).Should().ThrowAsync<WorkflowConflictException>().WithMessage("1 workflows are open*");
        }
        finally
        {
            store.Deletes.SetResult();
        }
    }

    [Fact]
    public async Task Start_ManyAtOnce_DoNotPassTheLimitTogether()
    {
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FlakyStore store = new(new InMemoryStore()) { Before = t => IsState(t) ? written.Task : Task.CompletedTask };
        await using Orchestra host = new(store, options: static o => o.MaxOpenWorkflows = 2);
        Task<WorkflowSnapshot>[] begun = [host.Engine.StartAsync("acme", Flow(Gate("a"))), host.Engine.StartAsync("acme", Flow(Gate("b")))];
        await FluentActions.Awaiting(() => host.Engine.StartAsync("acme", Flow(Gate("c"))).WaitAsync(TimeSpan.FromMinutes(1))).Should().ThrowAsync<WorkflowConflictException>().WithMessage("2 workflows are open*");
        written.SetResult();
        (await Task.WhenAll(begun)).Should().OnlyContain(static w => w.Status == WorkflowStatus.Running);
    }

    [Fact]
    public async Task Start_ThatFailed_KeepsNoPlace()
    {
        FlakyStore store = new(new InMemoryStore()) { Broken = true };
        await using Orchestra host = new(store, options: static o => o.MaxOpenWorkflows = 1);
        for (int i = 0; i < 3; i++)
        {
            await FluentActions.Awaiting(() => host.Engine.StartAsync("acme", Flow(Gate("a")))).Should().ThrowAsync<IOException>();
        }

        store.Broken = false;
        (await host.Engine.StartAsync("acme", Flow(Gate("a")))).Status.Should().Be(WorkflowStatus.Running);
    }

    [Fact]
    public async Task Start_AgainWithTheKeyOfAnOpenOne_NeedsNoFurtherPlace()
    {
        await using Orchestra host = new(options: static o => o.MaxOpenWorkflows = 1);
        WorkflowDefinition definition = Flow(Gate("a")) with { IdempotencyKey = "k" };
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", definition);
        (await host.Engine.StartAsync("acme", definition)).Id.Should().Be(started.Id);
        await FluentActions.Awaiting(() => host.Engine.StartAsync("acme", definition with { IdempotencyKey = "other" })).Should().ThrowAsync<WorkflowConflictException>().WithMessage("1 workflows are open*");
    }

    [Fact]
    public async Task Start_WhoseCallerWentAwayOnceItWasWritten_RunsAllTheSame()
    {
        using CancellationTokenSource caller = new();
        FlakyStore store = new(new InMemoryStore());
        await using Orchestra host = new(store);
        await host.StartHostAsync();
        store.Loses = transaction =>
        {
            if (IsState(transaction))
            {
                caller.Cancel();
            }

            return false;
        };
        await FluentActions.Awaiting(() => host.Engine.StartAsync("acme", Flow(Gate("a")), cancellationToken: caller.Token)).Should().ThrowAsync<OperationCanceledException>();
        await host.Actors.EnteredAsync("a");
    }

    [Fact]
    public async Task Start_WrittenThoughTheStoreFailed_RunsAllTheSame()
    {
        FlakyStore store = new(new InMemoryStore());
        await using Orchestra host = new(store);
        await host.StartHostAsync();
        store.Loses = IsState;
        await FluentActions.Awaiting(() => host.Engine.StartAsync("acme", Flow(Gate("a")))).Should().ThrowAsync<IOException>();
        await host.Actors.EnteredAsync("a");
    }

    [Fact]
    public async Task Host_StartsWhileAWorkflowIsBeingStarted_LeavesItListedAsOpen()
    {
        InMemoryStore memory = new();
        MemoryScope open = new(MemoryWorkflowStore.Owner + ".open");
        TaskCompletionSource listed = new(TaskCreationOptions.RunContinuationsAsynchronously), written = new(TaskCreationOptions.RunContinuationsAsynchronously), cleared = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FlakyStore store = new(memory)
        {
            Before = t =>
            {
                if (t.Operations is [MemoryDelete { Id: "ffffffff-ffff-4fff-bfff-ffffffffffff" }])
                {
                    cleared.TrySetResult(); // it is behind the other in the list
                }

                if (!IsState(t))
                {
                    return Task.CompletedTask;
                }

                listed.TrySetResult();
                return written.Task;
            },
        };
        await using Orchestra host = new(store);
        Task<WorkflowSnapshot> starting = host.Engine.StartAsync("acme", Flow(Gate("a")));
        await listed.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await memory.ExecuteAsync(new MemoryTransaction(open, [new MemoryUpsert(new MemoryRecord { Id = "ffffffff-ffff-4fff-bfff-ffffffffffff", Kind = "workflow.open", Text = "acme" })]));
        await host.StartHostAsync();
        await cleared.Task.WaitAsync(TimeSpan.FromMinutes(1));
        written.SetResult();
        WorkflowSnapshot started = await starting;
        (await memory.ListAsync(open)).Records.Select(static r => r.Id).Should().Contain(started.Id, "it has to go on after a crash");
    }

    [Fact]
    public async Task Host_StartsWithAWorkflowThatIsDamaged_GoesOnWithTheOthers()
    {
        InMemoryStore memory = new();
        MemoryScope scope = new(MemoryWorkflowStore.Owner, "acme");
        Orchestra first = new(memory);
        WorkflowSnapshot bad = await first.Engine.StartAsync("acme", Flow(Gate("a"))), good = await first.Engine.StartAsync("acme", Flow(Gate("b")));
        await first.Actors.EnteredAsync("b");
        await first.DisposeAsync();
        MemoryRecord definition = (await memory.GetAsync(scope, $"d:{bad.Id}:0"))!;
        await memory.ExecuteAsync(new MemoryTransaction(scope, [new MemoryDelete(definition.Id)]));
        await using Orchestra second = new(memory, time: first.Time);
        second.Actors.Open("a");
        second.Actors.Open("b");
        await second.StartHostAsync();
        await second.Actors.EnteredAsync("b");
        second.Log.Should().NotContain("+a");
        await memory.ExecuteAsync(new MemoryTransaction(scope, [new MemoryUpsert(definition)])); // restored from a backup
        (await second.RestAsync(good.Id)).Status.Should().Be(WorkflowStatus.Completed);
        (await second.RestAsync(bad.Id)).Status.Should().Be(WorkflowStatus.Completed);
    }

    [Fact]
    public async Task Workflow_CancelledAfterTheHostStoppedInTheMiddleOfAStep_UndoesThatStep()
    {
        await using Orchestra host = new();
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Gate("a"), Gate("b")));
        await host.Actors.EnteredAsync("a");
        (await host.Engine.PauseAsync("acme", started.Id))!.Status.Should().Be(WorkflowStatus.Paused);
        await host.ChangeHostAsync(started.Id);
        await host.Engine.CancelAsync("acme", started.Id);
        WorkflowSnapshot ended = await host.RestAsync(started.Id);
        (ended.Status, ended.Steps[0].Status, ended.Steps[1].Status).Should().Be((WorkflowStatus.Cancelled, WorkflowStepStatus.Compensated, WorkflowStepStatus.Skipped), "nobody knows how far the first came");
        host.Log.Should().Equal("-a");
    }

    [Fact]
    public async Task Find_AfterAWriteThatFailed_SaysWhetherItWasMade()
    {
        MemoryWorkflowStore store = new(new InMemoryStore());
        DateTimeOffset now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        Changes begun = new(RunState.Begin("w", "acme", Flow(Step("a")), now), now);
        begun.Say("started");
        await store.CreateAsync(begun.Done(), default);
        Transition pause = WorkflowMachine.Pause(begun.Done().State, "ann", now);
        long version = (await store.LoadAsync("acme", "w", default))!.Value.Version;
        (await store.FindAsync(pause, version, default)).Should().BeNull("nothing was written");
        long written = await store.SaveAsync(pause, version, null, default);
        (await store.FindAsync(pause, version, default)).Should().Be(written);
        Transition other = WorkflowMachine.Cancel(begun.Done().State, "bob", now);
        await FluentActions.Awaiting(async () => await store.FindAsync(other, version, default)).Should().ThrowAsync<WorkflowTakenException>();
        await FluentActions.Awaiting(async () => await new MemoryWorkflowStore(new InMemoryStore()).FindAsync(other, version, default)).Should().ThrowAsync<WorkflowTakenException>("it is gone");
    }

    [Fact]
    public async Task Host_StopsWhileACancelledStepStillRuns_UndoesItAfterTheNextStart()
    {
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously), told = new(TaskCreationOptions.RunContinuationsAsynchronously), leave = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool undone = false;
        await using Orchestra host = new(more: services => services.AddWorkflowStep("slow", _ => new DelegateStep(
            async (_, token) =>
            {
                using CancellationTokenRegistration hears = token.Register(told.SetResult);
                entered.SetResult();
                await leave.Task;
                token.ThrowIfCancellationRequested();
                return null;
            },
            (_, _) =>
            {
                undone = true;
                return default;
            })));
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Step("a") with { Handler = "slow" }));
        await entered.Task.WaitAsync(TimeSpan.FromMinutes(1));
        (await host.Engine.CancelAsync("acme", started.Id))!.Status.Should().Be(WorkflowStatus.Compensating);
        await told.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Task stopping = host.StopHostAsync();
        leave.SetResult();
        await stopping.WaitAsync(TimeSpan.FromMinutes(1));
        await host.ChangeHostAsync(started.Id);
        WorkflowSnapshot ended = await host.RestAsync(started.Id);
        (ended.Status, ended.Steps[0].Status, undone).Should().Be((WorkflowStatus.Cancelled, WorkflowStepStatus.Compensated, true), "nobody knows how far it came");
    }

    [Fact]
    public async Task Step_WhoseOwnCallbackThrowsWhenItIsToldToStop_IsUndoneLikeAnyOther()
    {
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Orchestra host = new(more: services => services.AddWorkflowStep("unruly", _ => new DelegateStep(async (_, token) =>
        {
            TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration hears = token.Register(() =>
            {
                told.SetResult();
                throw new InvalidOperationException("This callback is broken.");
            });
            entered.SetResult();
            await told.Task;
            token.ThrowIfCancellationRequested();
            return null;
        })));
        WorkflowSnapshot started = await host.Engine.StartAsync("acme", Flow(Step("a") with { Handler = "unruly" }));
        await entered.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await host.Engine.CancelAsync("acme", started.Id);
        (await host.RestAsync(started.Id)).Status.Should().Be(WorkflowStatus.Cancelled);
    }

    /// <summary>Whether it is here that a state is written, as opposed to the list of what is open.</summary>
    private static bool IsState(MemoryTransaction transaction) => transaction.Operations[0] is MemoryUpsert { Record.Kind: "workflow" };

    /// <summary>A store that can be away.</summary>
    private sealed class FlakyStore(IMemoryStore inner) : IMemoryStore
    {
        public volatile bool Broken;
        public volatile bool LosesTheNextAnswer;

        /// <summary>What a deletion waits for; null: nothing.</summary>
        public TaskCompletionSource? Deletes { get; init; }

        /// <summary>What a transaction waits for; null: nothing.</summary>
        public Func<MemoryTransaction, Task>? Before { get; init; }

        /// <summary>Which transaction is made, and its answer lost, once; null: none.</summary>
        public Func<MemoryTransaction, bool>? Loses { get; set; }

        public TaskCompletionSource Refused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default)
        {
            if (Deletes is { } held && transaction.Operations is [MemoryDelete])
            {
                await held.Task.WaitAsync(cancellationToken);
            }

            await (Before?.Invoke(transaction) ?? Task.CompletedTask);
            MemoryTransactionResult result = await Get().ExecuteAsync(transaction, cancellationToken);
            if (LosesTheNextAnswer || Loses?.Invoke(transaction) is true)
            {
                LosesTheNextAnswer = false;
                Loses = null;
                throw new IOException("The answer was lost.");
            }

            return result;
        }

        public ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default) => Get().GetAsync(scope, id, cancellationToken);

        public ValueTask<IReadOnlyList<MemoryRecord>> GetHistoryAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default) => Get().GetHistoryAsync(scope, id, cancellationToken);

        public ValueTask<IReadOnlyList<MemoryEdge>> GetRelatedAsync(MemoryScope scope, string id, MemoryRelatedOptions? options = null, CancellationToken cancellationToken = default) => Get().GetRelatedAsync(scope, id, options, cancellationToken);

        public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default) => Get().ListAsync(scope, options, cancellationToken);

        public IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default) => Get().ReadAllAsync(scope, filter, cancellationToken);

        public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default) => Get().SearchAsync(scope, query, cancellationToken);

        public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default) => Get().GetStatsAsync(scope, cancellationToken);

        public ValueTask<IReadOnlyList<string>> ListTagsAsync(MemoryScope scope, string prefix = "", int top = 100, CancellationToken cancellationToken = default) => Get().ListTagsAsync(scope, prefix, top, cancellationToken);

        public IAsyncEnumerable<MemoryScope> ListScopesAsync(string? tenant, string prefix = "", CancellationToken cancellationToken = default) => Get().ListScopesAsync(tenant, prefix, cancellationToken);

        public ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default) => Get().DeleteAsync(scope, filter, cancellationToken);

        public ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default) => Get().EraseAsync(scope, filter, cancellationToken);

        public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default) => Get().PurgeExpiredAsync(cancellationToken);

        public ValueTask CheckAsync(CancellationToken cancellationToken = default) => Get().CheckAsync(cancellationToken);

        private IMemoryStore Get()
        {
            if (Broken)
            {
                Refused.TrySetResult();
                throw new IOException("The disk is away.");
            }

            return inner;
        }
    }
}
