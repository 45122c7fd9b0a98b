namespace Providers.Memory.Postgres.Tests;

/// <summary>A server that is not there, goes, or comes back; on clusters of their own.</summary>
public sealed class AwayTests
{
    private static readonly MemoryScope Scope = new("acme");

    [Fact]
    public async Task Server_NeverThere_IsNamedWithoutSecrets()
    {
        await using PostgresMemoryStore store = new(new PostgresMemoryOptions { ConnectionString = "Host=127.0.0.1;Port=1;Username=u;Password=hunter2;Database=d;Timeout=5", RetryFor = TimeSpan.FromMilliseconds(200) });
        MemoryUnavailableException e = (await FluentActions.Awaiting(() => store.GetAsync(Scope, "x").AsTask()).Should().ThrowAsync<MemoryUnavailableException>()).Which;
        e.Message.Should().Contain("127.0.0.1:1/d").And.Contain("cannot be reached").And.NotContain("hunter2");
        e.OutcomeUnknown.Should().BeFalse();
        e.InnerException.Should().NotBeNull();
    }

    [Fact]
    public async Task Server_Away_IsTriedAgainUntilItIsBack()
    {
        Assert.SkipWhen(Cluster.Missing is not null, Cluster.Missing ?? "");
        await using Cluster cluster = await Cluster.StartAsync();
        await using PostgresMemoryStore store = new(new PostgresMemoryOptions { ConnectionString = cluster.Owner, RetryFor = TimeSpan.FromMinutes(8) });
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "before", Text = "t" })]));
        await cluster.KillAsync();
        Task<MemoryRecord?> reading = store.GetAsync(Scope, "before").AsTask();
        Task<MemoryTransactionResult> writing = store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "during", Text = "t" })])).AsTask();
        reading.IsCompleted.Should().BeFalse();
        await cluster.UpAsync();
        (await reading).Should().NotBeNull();
        (await writing).Outcomes[0].Version.Should().Be(1);
    }

    [Fact]
    public async Task Database_NotThere_IsSaid()
    {
        Assert.SkipWhen(Cluster.Missing is not null, Cluster.Missing ?? "");
        await using Cluster cluster = await Cluster.StartAsync();
        await using PostgresMemoryStore none = new(new PostgresMemoryOptions { ConnectionString = cluster.Owner.Replace("Database=memory", "Database=none", StringComparison.Ordinal) });
        await FluentActions.Awaiting(() => none.GetAsync(Scope, "x").AsTask()).Should().ThrowAsync<MemoryUnavailableException>().WithMessage("*no such database*");
        await using PostgresMemoryStore readOnly = new(new PostgresMemoryOptions { ConnectionString = cluster.Owner + ";Options=-c default_transaction_read_only=on" });
        await FluentActions.Awaiting(() => readOnly.GetAsync(Scope, "x").AsTask()).Should().ThrowAsync<MemoryUnavailableException>().WithMessage("*read-only*");
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await FluentActions.Awaiting(() => none.GetAsync(Scope, "x", cancelled.Token).AsTask()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Tenant_OfATransaction_EndsWithIt()
    {
        Assert.SkipWhen(Cluster.Missing is not null, Cluster.Missing ?? "");
        await using Cluster cluster = await Cluster.StartAsync();
        await using PostgresMemoryStore store = new(new PostgresMemoryOptions { ConnectionString = cluster.Owner + ";Maximum Pool Size=1;No Reset On Close=true" });
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "x", Text = "t" })]));
        (await store.GetAsync(new MemoryScope("rival"), "x")).Should().BeNull();
        (await store.PurgeExpiredAsync()).Should().Be(0);
        (await store.GetAsync(Scope, "x")).Should().NotBeNull();
    }
}
