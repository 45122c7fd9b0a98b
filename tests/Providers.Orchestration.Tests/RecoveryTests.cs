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

    /// <summary>A store that can be away.</summary>
    private sealed class FlakyStore(IMemoryStore inner) : IMemoryStore
    {
        public volatile bool Broken;

        public TaskCompletionSource Refused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default) => Get().ExecuteAsync(transaction, cancellationToken);

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
