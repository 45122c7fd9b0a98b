using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Providers.Memory;

namespace Providers.Conformance;

/// <summary>What every memory store promises. A store's test project derives it; nothing may be skipped.</summary>
public abstract partial class StoreConformance : IAsyncLifetime
{
    protected static readonly MemoryScope Scope = new("acme", "notes");

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    protected IMemoryStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync(Clock);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync(Store);
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the store of this test: the same data each time it is called within a test, none at first.</summary>
    protected abstract ValueTask<IMemoryStore> OpenAsync(TimeProvider clock);

    /// <summary>Closes what <see cref="OpenAsync"/> opened; after the last time the data may go.</summary>
    protected abstract ValueTask CloseAsync(IMemoryStore store);

    /// <summary>Whether data outlives <see cref="CloseAsync"/>.</summary>
    protected abstract bool IsDurable { get; }

    [Fact]
    public async Task Upsert_NewMemory_IsReadBackAsItWas()
    {
        MemoryRecord record = new()
        {
            Id = "m:1",
            Kind = "decision",
            Text = "Oslo 🌍 \u202Etfel\u202C e\u0301 ' \" ; drop table mem;--",
            Tags = ["Geo", "geo", "ÅÆØ", "a\"b"],
            Metadata = JsonDocument.Parse("""{"n":1e308,"i":9007199254740993,"d":0.1,"__proto__":{"x":[true,null]},"":"empty"}""").RootElement,
            Importance = 0.75,
            Expires = Clock.GetUtcNow().AddDays(1),
            Vector = new float[] { 1, -0f, float.Epsilon },
            VectorSpace = "s1",
            Provenance = new MemoryProvenance { Source = "agent", Actor = "planner", Evidence = ["file:///a", "b"], Trust = 0.25 },
        };
        MemoryOutcome outcome = await WriteAsync(new MemoryUpsert(record));
        outcome.Should().Be(new MemoryOutcome(MemoryChange.Created, "m:1", 1));
        MemoryRecord read = (await Store.GetAsync(Scope, "m:1"))!;
        read.Text.Should().Be(record.Text);
        read.Tags.Should().Equal(record.Tags);
        read.Metadata!.Value.GetRawText().Should().Be(record.Metadata.Value.GetRawText());
        read.Vector!.Value.ToArray().Should().Equal(record.Vector.Value.ToArray());
        read.Provenance!.Evidence.Should().Equal("file:///a", "b");
        (read.Kind, read.Importance, read.Expires, read.VectorSpace, read.Version, read.Created, read.Updated).Should().Be(
            ("decision", 0.75, record.Expires, "s1", 1L, Clock.GetUtcNow(), Clock.GetUtcNow()));
        (read.Provenance.Source, read.Provenance.Actor, read.Provenance.Trust).Should().Be(("agent", "planner", 0.25));
    }

    [Fact]
    public async Task Upsert_WithoutId_GetsOneInOrderOfTime()
    {
        string first = (await WriteAsync(Note("a"))).Id;
        Clock.Advance(TimeSpan.FromSeconds(1));
        string second = (await WriteAsync(Note("b"))).Id;
        Guid.Parse(first).Version.Should().Be(7);
        string.CompareOrdinal(second, first).Should().BePositive();
        (await Store.GetAsync(Scope, first))!.Text.Should().Be("a");
    }

    [Fact]
    public async Task Upsert_Again_IsTheNextVersionAndKeepsItsCreation()
    {
        await WriteAsync(Note("a", "x"));
        DateTimeOffset created = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromMinutes(1));
        (await WriteAsync(Note("b", "x"))).Should().Be(new MemoryOutcome(MemoryChange.Updated, "x", 2));
        MemoryRecord read = (await Store.GetAsync(Scope, "x"))!;
        (read.Text, read.Created, read.Updated, read.Version).Should().Be(("b", created, Clock.GetUtcNow(), 2L));
    }

    [Fact]
    public async Task Patch_SomeParts_LeavesTheOthers()
    {
        await WriteAsync(new MemoryUpsert(Note("a", "x").Record with { Tags = ["t"], Metadata = Json("""{"k":1}"""), Vector = new float[] { 1, 0 }, VectorSpace = "s", Expires = Clock.GetUtcNow().AddDays(1) }));
        await WriteAsync(new MemoryPatch("x") { Importance = 0.9, Tags = ["u", "v"] });
        MemoryRecord read = (await Store.GetAsync(Scope, "x"))!;
        (read.Text, read.Importance, read.VectorSpace, read.Version).Should().Be(("a", 0.9, "s", 2L));
        read.Tags.Should().Equal("u", "v");
        await WriteAsync(new MemoryPatch("x") { Metadata = Json("null"), Expires = DateTimeOffset.MaxValue });
        read = (await Store.GetAsync(Scope, "x"))!;
        (read.Metadata, read.Expires).Should().Be((null, null));
        await WriteAsync(new MemoryPatch("x") { Text = "b" });
        read = (await Store.GetAsync(Scope, "x"))!;
        (read.Text, read.Vector, read.VectorSpace).Should().Be(("b", null, null), "a vector of other words would lie");
    }

    [Fact]
    public async Task Delete_ThereOrNot_SaysWhich()
    {
        await WriteAsync(Note("a", "x"));
        (await WriteAsync(new MemoryDelete("x"))).Change.Should().Be(MemoryChange.Deleted);
        (await WriteAsync(new MemoryDelete("x"))).Change.Should().Be(MemoryChange.NotFound);
        (await Store.GetAsync(Scope, "x")).Should().BeNull();
        (await WriteAsync(Note("b", "x"))).Should().Be(new MemoryOutcome(MemoryChange.Created, "x", 1));
    }

    [Fact]
    public async Task Version_NotTheOneExpected_IsAConflictAndChangesNothing()
    {
        await WriteAsync(Note("a", "x"));
        await ConflictsAsync(0, "x", 5, 1, new MemoryPatch("x") { Text = "b", ExpectedVersion = 5 });
        await ConflictsAsync(0, "x", 0, 1, Note("b", "x") with { ExpectedVersion = 0 });
        await ConflictsAsync(0, "gone", 1, null, new MemoryDelete("gone") { ExpectedVersion = 1 });
        await ConflictsAsync(0, "gone", null, null, new MemoryPatch("gone") { Text = "b" });
        await ConflictsAsync(2, "x", 7, 1, Note("n", "new"), new MemoryDelete("other"), new MemoryPatch("x") { Text = "b", ExpectedVersion = 7 });
        (await Store.GetAsync(Scope, "new")).Should().BeNull("all or nothing");
        (await Store.GetAsync(Scope, "x"))!.Text.Should().Be("a");
        (await WriteAsync(new MemoryPatch("x") { Text = "c", ExpectedVersion = 1 })).Version.Should().Be(2);
    }

    [Fact]
    public async Task Transaction_OfManyKinds_HappensInOrder()
    {
        await WriteAsync(Note("a", "x"));
        await WriteAsync(Note("b", "y"));
        MemoryTransactionResult result = await Store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryDelete("x"), new MemoryPatch("y") { Text = "c" }, Note("d", "z"), new MemoryDelete("none")]));
        result.Outcomes.Should().Equal(
            new MemoryOutcome(MemoryChange.Deleted, "x", 0), new MemoryOutcome(MemoryChange.Updated, "y", 2), new MemoryOutcome(MemoryChange.Created, "z", 1), new MemoryOutcome(MemoryChange.NotFound, "none", 0));
        (await Store.GetStatsAsync(Scope)).Count.Should().Be(2);
    }

    [Fact]
    public async Task Key_UsedAgain_GivesTheFirstOutcome()
    {
        MemoryTransaction transaction = new(Scope, [Note("a"), Note("b")]) { IdempotencyKey = "k-1" };
        MemoryTransactionResult first = await Store.ExecuteAsync(transaction);
        MemoryTransactionResult second = await Store.ExecuteAsync(transaction);
        (first.Replayed, second.Replayed).Should().Be((false, true));
        second.Outcomes.Should().Equal(first.Outcomes);
        (await Store.GetStatsAsync(Scope)).Count.Should().Be(2);
        await InvalidAsync("idempotency_key", () => Store.ExecuteAsync(transaction with { Operations = [Note("other")] }));
        (await Store.ExecuteAsync(transaction with { Scope = Scope with { Namespace = "elsewhere" } })).Replayed.Should().BeFalse("a key belongs to its scope");
        Clock.Advance(TimeSpan.FromHours(25));
        (await Store.ExecuteAsync(transaction)).Replayed.Should().BeFalse("a key is kept for a day");
    }

    [Fact]
    public async Task Key_Raced64Ways_HasOneEffect()
    {
        MemoryTransaction transaction = new(Scope, [Note("a")]) { IdempotencyKey = "race" };
        MemoryTransactionResult[] results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await Store.ExecuteAsync(transaction))));
        results.Select(static r => r.Outcomes[0]).Distinct().Should().ContainSingle();
        results.Count(static r => !r.Replayed).Should().Be(1);
        (await Store.GetStatsAsync(Scope)).Count.Should().Be(1);
    }

    [Fact]
    public async Task Versions_RacedByManyWriters_LoseNoUpdate()
    {
        await WriteAsync(new MemoryUpsert(Note("0", "counter").Record));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int done = 0; done < 10;)
            {
                MemoryRecord current = (await Store.GetAsync(Scope, "counter"))!;
                try
                {
                    await WriteAsync(new MemoryPatch("counter") { Text = (int.Parse(current.Text) + 1).ToString(), ExpectedVersion = current.Version });
                    done++;
                }
                catch (MemoryConflictException)
                {
                }
            }
        })));
        (await Store.GetAsync(Scope, "counter"))!.Should().Match<MemoryRecord>(static r => r.Text == "80" && r.Version == 81);
    }

    [Fact]
    public async Task Scopes_OfOthers_AreNeverSeen()
    {
        MemoryScope[] others = [new("acme", "other"), new("rival", "notes")];
        await WriteAsync(new MemoryUpsert(Note("the secret recipe", "x").Record with { Vector = new float[] { 1, 0 }, VectorSpace = "s" }));
        string cursor;
        await WriteAsync(Note("second", "y"));
        cursor = (await Store.ListAsync(Scope, new MemoryListOptions { Limit = 1 })).NextCursor!;
        foreach (MemoryScope other in others)
        {
            (await Store.GetAsync(other, "x")).Should().BeNull();
            (await Store.ListAsync(other)).Records.Should().BeEmpty();
            (await Store.SearchAsync(other, new MemoryQuery { Text = "secret recipe", Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().BeEmpty();
            (await Store.GetStatsAsync(other)).Count.Should().Be(0);
            (await Store.ExecuteAsync(new MemoryTransaction(other, [new MemoryDelete("x")]))).Outcomes[0].Change.Should().Be(MemoryChange.NotFound);
            await FluentActions.Awaiting(() => Store.ExecuteAsync(new MemoryTransaction(other, [new MemoryPatch("x") { Text = "b" }])).AsTask()).Should().ThrowAsync<MemoryConflictException>();
            await InvalidAsync("cursor", () => Store.ListAsync(other, new MemoryListOptions { Cursor = cursor }));
            await Store.ExecuteAsync(new MemoryTransaction(other, [Note("theirs", "x")]));
        }

        (await Store.GetAsync(Scope, "x"))!.Text.Should().Be("the secret recipe");
    }

    [Fact]
    public async Task Expired_IsGoneFromEveryView()
    {
        await WriteAsync(new MemoryUpsert(Note("soon over", "x").Record with { Expires = Clock.GetUtcNow().AddMinutes(1), Vector = new float[] { 1, 0 }, VectorSpace = "s" }));
        await WriteAsync(Note("stays", "y"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        (await Store.GetAsync(Scope, "x")).Should().BeNull();
        (await Store.ListAsync(Scope)).Records.Should().ContainSingle();
        (await Store.SearchAsync(Scope, new MemoryQuery { Text = "soon", Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().BeEmpty();
        (await Store.GetStatsAsync(Scope)).Count.Should().Be(1);
        (await Store.PurgeExpiredAsync()).Should().Be(1);
        (await Store.PurgeExpiredAsync()).Should().Be(0);
        (await WriteAsync(Note("again", "x") with { ExpectedVersion = 0 })).Should().Be(new MemoryOutcome(MemoryChange.Created, "x", 1));
    }

    [Fact]
    public async Task Stats_CountWhatIsThere()
    {
        (await Store.GetStatsAsync(Scope)).Should().BeEquivalentTo(new MemoryStats(0, 0));
        await WriteAsync(new MemoryUpsert(Note("åå", "a").Record with { Tags = ["x", "y"], Vector = new float[] { 1 }, VectorSpace = "s" }));
        Clock.Advance(TimeSpan.FromDays(1));
        await WriteAsync(new MemoryUpsert(Note("b", "b").Record with { Tags = ["x"], Kind = "event" }));
        MemoryStats stats = await Store.GetStatsAsync(Scope);
        (stats.Count, stats.TextBytes, stats.Newest - stats.Oldest).Should().Be((2, 5, TimeSpan.FromDays(1)));
        stats.ByKind.Should().BeEquivalentTo(new Dictionary<string, long> { ["note"] = 1, ["event"] = 1 });
        stats.ByTag.Should().BeEquivalentTo(new Dictionary<string, long> { ["x"] = 2, ["y"] = 1 });
        stats.BySpace.Should().BeEquivalentTo(new Dictionary<string, long> { ["s"] = 1 });
    }

    [Fact]
    public async Task Reopened_StoreThatIsDurable_HasEverything()
    {
        await WriteAsync(new MemoryUpsert(Note("the fjord is deep", "x").Record with { Vector = new float[] { 0.6f, 0.8f }, VectorSpace = "s" }));
        await Store.ExecuteAsync(new MemoryTransaction(Scope, [Note("b", "y")]) { IdempotencyKey = "k" });
        MemoryListOptions first = new() { Limit = 1 };
        string cursor = (await Store.ListAsync(Scope, first)).NextCursor!;
        if (!IsDurable)
        {
            return;
        }

        await CloseAsync(Store);
        Store = await OpenAsync(Clock);
        (await Store.GetAsync(Scope, "x"))!.Version.Should().Be(1);
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 0.6f, 0.8f }, VectorSpace = "s" }))[0].VectorScore.Should().BeApproximately(1, 1e-3);
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "fjord" })).Should().ContainSingle();
        (await Store.ExecuteAsync(new MemoryTransaction(Scope, [Note("b", "y")]) { IdempotencyKey = "k" })).Replayed.Should().BeTrue();
        (await Store.ListAsync(Scope, first with { Cursor = cursor })).Records.Should().ContainSingle().Which.Id.Should().Be("y");
    }

    protected static MemoryUpsert Note(string text, string id = "") => new(new MemoryRecord { Id = id, Text = text });

    protected static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    protected async Task<MemoryOutcome> WriteAsync(MemoryOperation operation) => (await Store.ExecuteAsync(new MemoryTransaction(Scope, [operation]))).Outcomes[0];

    protected static async Task InvalidAsync<T>(string field, Func<ValueTask<T>> act) =>
        (await FluentActions.Awaiting(async () => await act()).Should().ThrowAsync<MemoryValidationException>()).Which.Errors.Should().Contain(e => e.StartsWith(field, StringComparison.Ordinal));

    private async Task ConflictsAsync(int index, string id, long? expected, long? current, params MemoryOperation[] operations)
    {
        MemoryConflictException e = (await FluentActions.Awaiting(() => Store.ExecuteAsync(new MemoryTransaction(Scope, operations)).AsTask()).Should().ThrowAsync<MemoryConflictException>()).Which;
        (e.Index, e.Id, e.Expected, e.Current).Should().Be((index, id, expected, current));
    }
}
