using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using Providers.VectorData;

namespace Providers.Memory.VectorData.Tests;

/// <summary>Gate G10: for every N, the N-th call of the vector store fails, before it does anything or after it has done it; a transaction is there whole or not at all.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly MemoryScope Scope = new("acme");
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Start.AddTicks(2));

    public static TheoryData<string, bool> Cases
    {
        get
        {
            TheoryData<string, bool> all = [];
            foreach (string name in (string[])["insert", "patch", "another space", "delete", "batch", "keyed", "delete by filter", "erase", "purge", "check"])
            {
                all.Add(name, false);
                all.Add(name, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Operation_WhoseNthCallFails_HappensWholeOrNotAtAll(string name, bool afterDoing)
    {
        int failed = 0;
        for (int n = 1; ; n++)
        {
            using ProvidersVectorStore vectors = new();
            using FaultyStore faulty = new(vectors);
            string before, whole;
            await using (VectorDataMemoryStore fine = await FilledAsync(vectors))
            {
                before = await ShowAsync(fine);
            }

            using (ProvidersVectorStore others = new())
            {
                await using VectorDataMemoryStore twin = await FilledAsync(others);
                await RunAsync(twin, name);
                whole = await ShowAsync(twin);
            }

            await using VectorDataMemoryStore store = new(faulty, null, null, _clock);
            await store.GetStatsAsync(Scope);
            faulty.FailAt(n, afterDoing);
            Exception? error = await Record.ExceptionAsync(() => RunAsync(store, name));
            faulty.FailAt(0, false);
            if (error is null)
            {
                break;
            }

            failed++;
            error.Should().BeOfType<MemoryUnavailableException>("call {0}", n).Which.OutcomeUnknown.Should().BeTrue();
            (await ShowAsync(store)).Should().BeOneOf([before, whole], "call {0}", n);
            await using VectorDataMemoryStore reopened = new(vectors, null, null, _clock);
            (await ShowAsync(reopened)).Should().Be(await ShowAsync(store), "call {0}", n);
            await reopened.ExecuteAsync(new MemoryTransaction(Scope, [Note("after")]));
            await reopened.EraseAsync(Scope);
            await using VectorDataMemoryStore erased = new(vectors, null, null, _clock);
            (await ShowAsync(erased)).Should().BeEmpty("call {0}: no copy of a row may come back", n);
            n.Should().BeLessThan(100);
        }

        failed.Should().BePositive();
        output.WriteLine($"{name}: {failed} calls failed in turn");
    }

    [Fact]
    public async Task Reading_ThatFails_SaysSoAndIsTriedAgain()
    {
        using ProvidersVectorStore vectors = new();
        await (await FilledAsync(vectors)).DisposeAsync();
        using FaultyStore faulty = new(vectors);
        await using VectorDataMemoryStore store = new(faulty, null, null, _clock);
        faulty.FailAt(1, false);
        (await FluentActions.Awaiting(() => store.GetAsync(Scope, "x").AsTask()).Should().ThrowAsync<MemoryUnavailableException>()).Which.OutcomeUnknown.Should().BeFalse();
        (await store.GetAsync(Scope, "x")).Should().NotBeNull();
        await FluentActions.Awaiting(() => store.GetAsync(Scope, "x", new CancellationToken(canceled: true)).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        await store.DisposeAsync();
        await FluentActions.Awaiting(() => store.GetAsync(Scope, "x").AsTask()).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Write_ThatIsCancelled_IsReadAgain()
    {
        using ProvidersVectorStore vectors = new();
        await using VectorDataMemoryStore store = await FilledAsync(vectors);
        using CancellationTokenSource cancel = new();
        using FaultyStore faulty = new(vectors) { OnCall = cancel.Cancel };
        await using VectorDataMemoryStore other = new(faulty, null, null, _clock);
        await FluentActions.Awaiting(() => other.ExecuteAsync(new MemoryTransaction(Scope, [Note("new")]), cancel.Token).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        (await other.GetAsync(Scope, "x")).Should().NotBeNull();
    }

    [Fact]
    public async Task Rows_MoreThanAPage_AreAllReadAgain()
    {
        using ProvidersVectorStore vectors = new();
        await using (VectorDataMemoryStore store = new(vectors, null, null, _clock))
        {
            for (int batch = 0; batch < 3; batch++)
            {
                await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, 900).Select(i => new MemoryUpsert(new MemoryRecord { Id = $"n{batch}-{i}", Text = $"note {i}" }))]));
            }
        }

        await using VectorDataMemoryStore again = new(vectors, null, null, _clock);
        (await again.GetStatsAsync(Scope)).Count.Should().Be(2_700);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("1st")]
    [InlineData("a_b")]
    [InlineData("a-name-that-is-longer-than-forty-eight-characters")]
    public void Options_OutOfRange_AreRefused(string name) =>
        FluentActions.Invoking(() => new ServiceCollection().AddVectorDataMemory(o => o.CollectionName = name)).Should().Throw<ArgumentException>().WithMessage("*CollectionName*");

    [Theory]
    [InlineData("a")]
    [InlineData("a-name-of-forty-eight-characters-0123456789-1234")]
    public void Options_AtTheirLimits_AreTaken(string name) =>
        FluentActions.Invoking(() => new ServiceCollection().AddVectorDataMemory(o => o.CollectionName = name)).Should().NotThrow();

    [Fact]
    public async Task Host_WithAVectorStore_KeepsItsMemoryThere()
    {
        using ProvidersVectorStore vectors = new();
        ServiceCollection services = new();
        services.AddSingleton<VectorStore>(vectors).AddVectorDataMemory(static o => o.CollectionName = "mine").AddVectorDataMemory(static o => o.CollectionName = "mine");
        await using (ServiceProvider host = services.BuildServiceProvider())
        {
            await host.GetRequiredService<IMemoryService>().StoreAsync(Scope, new MemoryRecord { Id = "x", Text = "the sauna is booked on Friday" });
        }

        await using ServiceProvider next = services.BuildServiceProvider();
        (await next.GetRequiredService<IMemoryService>().SearchAsync(Scope, new MemoryQuery { Text = "when is the sauna booked" })).Should().ContainSingle();
        List<string> names = [];
        await foreach (string name in vectors.ListCollectionNamesAsync())
        {
            names.Add(name);
        }

        names.Should().OnlyContain(static n => n.StartsWith("mine-")).And.HaveCount(2, "one for what has no vector, one for the model's dimensions");
    }

    private static MemoryUpsert Note(string id) => new(new MemoryRecord { Id = id, Text = "text of " + id, Vector = new float[] { 1, id[0] }, VectorSpace = "s" });

    /// <summary>A store with memories, one of which has expired by now.</summary>
    private static async Task<VectorDataMemoryStore> FilledAsync(VectorStore vectors)
    {
        FakeTimeProvider clock = new(Start);
        VectorDataMemoryStore store = new(vectors, null, null, clock);
        await store.ExecuteAsync(new MemoryTransaction(Scope,
        [
            Note("x"), Note("y"), new MemoryUpsert(new MemoryRecord { Id = "z", Text = "without a vector" }),
            new MemoryUpsert(Note("brief").Record with { Expires = Start.AddTicks(1) }), new MemoryLink("y", MemoryRelation.Extends, "x"),
        ]));
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Importance = 0.6 }]) { KeepHistory = true });
        clock.SetUtcNow(Start.AddTicks(2));
        return store;
    }

    private static async Task RunAsync(VectorDataMemoryStore store, string name)
    {
        Task Execute(string? key, params MemoryOperation[] operations) => store.ExecuteAsync(new MemoryTransaction(Scope, operations) { IdempotencyKey = key }).AsTask();
        await (name switch
        {
            "insert" => Execute(null, Note("new")),
            "patch" => Execute(null, new MemoryPatch("x") { Text = "changed" }), // its vector goes, so it moves to another collection
            "another space" => Execute(null, new MemoryEmbed("x", new float[] { 3, 3, 3 }, "other")),
            "delete" => Execute(null, new MemoryDelete("x")), // y links to it
            "batch" => Execute(null, Note("n1"), new MemoryPatch("y") { Importance = 1 }, new MemoryDelete("z"), new MemoryLink("n1", MemoryRelation.Follows, "x")),
            "keyed" => Execute("k", Note("n1"), new MemoryDelete("z")),
            "delete by filter" => store.DeleteAsync(Scope, new MemoryFilter { Ids = ["x", "z"] }).AsTask(),
            "erase" => store.EraseAsync(Scope).AsTask(),
            "purge" => store.PurgeExpiredAsync().AsTask(),
            _ => store.CheckAsync().AsTask(),
        });
    }

    /// <summary>All that can be seen of a store.</summary>
    private static async Task<string> ShowAsync(VectorDataMemoryStore store)
    {
        List<string> lines = [];
        await foreach (MemoryRecord r in store.ReadAllAsync(Scope, new MemoryFilter { State = MemoryState.Any }))
        {
            lines.Add($"{r.Id} {r.Text} {r.Version} {r.Importance} {r.VectorSpace} {r.Vector?.Length} {(await store.GetHistoryAsync(Scope, r.Id)).Count} {string.Join(';', await store.GetRelatedAsync(Scope, r.Id))}");
        }

        await foreach (MemoryScope scope in store.ListScopesAsync(null))
        {
            lines.Add(scope.ToString());
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }
}
