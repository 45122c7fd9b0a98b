using Providers.Memory;

namespace Providers.Conformance;

/// <summary>Archive, deletion by filter, erasure, and what lists what is there.</summary>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task Archived_IsFoundOnlyWhereItIsAskedFor()
    {
        float[] vector = [1, 0];
        foreach (string id in (string[])["a", "b", "c"])
        {
            await WriteAsync(new MemoryUpsert(Note("word", id).Record with { Vector = vector, VectorSpace = "s", Tags = ["t" + id] }));
        }

        await WriteAsync(new MemoryPatch("b") { Archived = true });
        DateTimeOffset archived = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromHours(1));
        await WriteAsync(new MemoryPatch("b") { Archived = true, Importance = 1 });
        (await Store.GetAsync(Scope, "b"))!.Archived.Should().Be(archived, "it keeps its moment");
        foreach ((MemoryState state, string expected) in ((MemoryState, string)[])[(MemoryState.Active, "ac"), (MemoryState.Archived, "b"), (MemoryState.Any, "abc")])
        {
            MemoryFilter filter = new() { State = state };
            await FoundAsync(expected, filter, vector);
        }

        await FoundAsync("ac", null, vector);
        await FoundAsync("b", new MemoryFilter { State = MemoryState.Any, ArchivedBefore = archived.AddTicks(1) }, vector);
        await FoundAsync("", new MemoryFilter { State = MemoryState.Any, ArchivedBefore = archived }, vector);
        MemoryStats stats = await Store.GetStatsAsync(Scope);
        (stats.Count, stats.Archived, stats.BySpace["s"], stats.ByTag.Count).Should().Be((2, 1, 2, 2));
        await WriteAsync(new MemoryPatch("b") { Archived = false });
        await FoundAsync("abc", null, vector);
        await WriteAsync(new MemoryUpsert((await Store.GetAsync(Scope, "a"))! with { Archived = archived }));
        await FoundAsync("bc", null, vector);
        await WriteAsync(new MemoryUpsert((await Store.GetAsync(Scope, "a"))! with { Archived = null }));
        await FoundAsync("abc", null, vector);
        await InvalidAsync("archived", async () => await WriteAsync(new MemoryUpsert(Note("x").Record with { Archived = Clock.GetUtcNow().AddDays(1) })));
    }

    [Theory]
    [InlineData("ids", "ac")]
    [InlineData("updated", "bc")]
    [InlineData("outside s", "bc")]
    [InlineData("outside unknown", "abc")]
    public async Task Filter_OfUpkeep_FindsTheSameByListAndSearch(string name, string expected)
    {
        float[] vector = [1, 0];
        await WriteAsync(new MemoryUpsert(Note("word", "a").Record with { Vector = vector, VectorSpace = "s" }));
        await WriteAsync(new MemoryUpsert(Note("word", "b").Record with { Vector = new float[] { 1 }, VectorSpace = "other" }));
        await WriteAsync(Note("word", "c"));
        Clock.Advance(TimeSpan.FromHours(1));
        await WriteAsync(new MemoryPatch("a") { Importance = 0.7 });
        MemoryFilter filter = name switch
        {
            "ids" => new() { Ids = ["a", "c", "zz"] },
            "updated" => new() { UpdatedBefore = Clock.GetUtcNow() },
            "outside s" => new() { OutsideSpace = "s" },
            _ => new() { OutsideSpace = "unknown" },
        };
        string.Concat((await Store.ListAsync(Scope, new MemoryListOptions { Filter = filter })).Records.Select(static r => r.Id)).Should().Be(expected);
        string.Concat((await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "word", Filter = filter })).Select(static m => m.Record.Id).Order()).Should().Be(expected);
    }

    [Fact]
    public async Task List_NewestFirst_IsTheOtherWayRound()
    {
        for (int i = 0; i < 9; i++)
        {
            await WriteAsync(Note($"n{i}", $"id{i}"));
            Clock.Advance(TimeSpan.FromMilliseconds(i % 3 == 0 ? 0 : 1));
        }

        MemoryListOptions options = new() { Order = MemoryOrder.NewestFirst, Limit = 4 };
        List<string> seen = [];
        MemoryPage page;
        do
        {
            page = await Store.ListAsync(Scope, options);
            seen.AddRange(page.Records.Select(static r => r.Id));
            options = options with { Cursor = page.NextCursor };
            await WriteAsync(Note("newer than the listing"));
        }
        while (page.NextCursor is not null);
        seen.Should().Equal(Enumerable.Range(0, 9).Reverse().Select(static i => $"id{i}"));
        await InvalidAsync("cursor", async () =>
        {
            string cursor = (await Store.ListAsync(Scope, new MemoryListOptions { Limit = 1 })).NextCursor!;
            return await Store.ListAsync(Scope, new MemoryListOptions { Limit = 1, Cursor = cursor, Order = MemoryOrder.NewestFirst });
        });
    }

    [Fact]
    public async Task ReadAll_WhileOthersWrite_ShowsOneMoment()
    {
        for (int i = 0; i < 300; i++)
        {
            await WriteAsync(Note($"n{i}", $"id{i:000}"));
        }

        await WriteAsync(new MemoryPatch("id007") { Archived = true });
        List<MemoryRecord> read = [];
        await foreach (MemoryRecord record in Store.ReadAllAsync(Scope, new MemoryFilter { State = MemoryState.Any }))
        {
            if (read.Count == 0)
            {
                await WriteAsync(new MemoryDelete("id299"));
                await WriteAsync(new MemoryPatch("id298") { Text = "changed" });
                await WriteAsync(Note("new"));
            }

            read.Add(record);
        }

        read.Select(static r => r.Id).Should().Equal(Enumerable.Range(0, 300).Select(static i => $"id{i:000}"));
        read[298].Text.Should().Be("n298");
        (await Store.GetStatsAsync(Scope)).Count.Should().Be(299);
        (await AllAsync(Store.ReadAllAsync(Scope, new MemoryFilter { Ids = ["id007", "id008"] }))).Select(static r => r.Id).Should().Equal("id008");
        (await AllAsync(Store.ReadAllAsync(Rival))).Should().BeEmpty();
    }

    [Fact]
    public async Task Delete_ByFilter_TakesWhatAListingShows()
    {
        await NotesAsync("a", "b", "c", "d");
        await WriteAsync(new MemoryUpsert(Note("e", "e").Record with { Kind = "event", Vector = new float[] { 1 }, VectorSpace = "s" }));
        await WriteAsync(new MemoryLink("a", MemoryRelation.References, "e"));
        await WriteAsync(new MemoryPatch("b") { Archived = true });
        await Store.ExecuteAsync(new MemoryTransaction(Rival, [Note("theirs", "a")]));
        foreach (MemoryFilter nothing in (MemoryFilter[])[new(), new() { State = MemoryState.Any }])
        {
            await InvalidAsync("filter", () => Store.DeleteAsync(Scope, nothing));
        }

        (await Store.DeleteAsync(Scope, new MemoryFilter { Ids = ["a", "b"] })).Should().Be(1, "b is archived");
        (await Store.DeleteAsync(Scope, new MemoryFilter { Kinds = ["event"] })).Should().Be(1);
        (await Store.DeleteAsync(Scope, new MemoryFilter { Kinds = ["event"] })).Should().Be(0);
        (await Store.DeleteAsync(Scope, new MemoryFilter { Ids = ["b"], State = MemoryState.Archived })).Should().Be(1);
        (await Store.ListAsync(Scope)).Records.Select(static r => r.Id).Should().Equal("c", "d");
        (await Store.GetAsync(Rival, "a")).Should().NotBeNull();
        (await Store.GetStatsAsync(Scope)).Links.Should().Be(0);
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1 }, VectorSpace = "s" })).Should().BeEmpty();
    }

    [Fact]
    public async Task Erase_TakesWhatMatchesInEveryState()
    {
        foreach ((string id, string source) in ((string, string)[])[("a", "mallory"), ("b", "mallory"), ("c", "mallory"), ("d", "user")])
        {
            await WriteAsync(new MemoryUpsert(Note("text", id).Record with { Provenance = new MemoryProvenance { Source = source }, Expires = id == "c" ? Clock.GetUtcNow().AddHours(1) : null, Vector = new float[] { 1, 0 }, VectorSpace = "s" }));
        }

        await WriteAsync(new MemoryPatch("b") { Archived = true });
        await Store.ExecuteAsync(new MemoryTransaction(Scope, [Note("keyed", "k")]) { IdempotencyKey = "key" });
        await Store.ExecuteAsync(new MemoryTransaction(Rival, [Note("theirs", "a")]) { IdempotencyKey = "key" });
        Clock.Advance(TimeSpan.FromHours(1));
        (await Store.EraseAsync(Scope, new MemoryFilter { Source = "mallory" })).Should().Be(3, "archived and expired ones too");
        (await Store.ListAsync(Scope, new MemoryListOptions { Filter = new MemoryFilter { State = MemoryState.Any } })).Records.Select(static r => r.Id).Should().Equal("d", "k");
        (await Store.ExecuteAsync(new MemoryTransaction(Scope, [Note("keyed", "k")]) { IdempotencyKey = "key" })).Replayed.Should().BeFalse("the scope's keys are forgotten");
        (await Store.SearchAsync(Scope, new MemoryQuery { Text = "text", Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().ContainSingle();
        (await Store.EraseAsync(Scope)).Should().Be(2);
        (await Store.EraseAsync(Scope)).Should().Be(0);
        (await Store.GetStatsAsync(Scope)).Should().BeEquivalentTo(new MemoryStats(0, 0));
        (await Store.GetAsync(Rival, "a")).Should().NotBeNull();
        (await Store.ExecuteAsync(new MemoryTransaction(Rival, [Note("theirs", "a")]) { IdempotencyKey = "key" })).Replayed.Should().BeTrue();
    }

    [Fact]
    public async Task Names_OfTagsAndScopes_AreListedForCompletion()
    {
        (await AllAsync(Store.ListScopesAsync(null))).Should().BeEmpty();
        await WriteAsync(new MemoryUpsert(Note("a", "a").Record with { Tags = ["ops", "oslo", "%"] }));
        await WriteAsync(new MemoryUpsert(Note("b", "b").Record with { Tags = ["ops"] }));
        await WriteAsync(new MemoryUpsert(Note("c", "c").Record with { Tags = ["opera", "ops", "old"], Archived = Clock.GetUtcNow() }));
        foreach (MemoryScope scope in (MemoryScope[])[new("acme"), Scope.Session("s1"), Rival, new("zoo")])
        {
            await Store.ExecuteAsync(new MemoryTransaction(scope, [new MemoryUpsert(Note("x", "x").Record with { Tags = ["opposite"], Expires = scope.Tenant == "zoo" ? Clock.GetUtcNow().AddHours(1) : null })]));
        }

        Clock.Advance(TimeSpan.FromHours(1));
        (await Store.ListTagsAsync(Scope)).Should().Equal("ops", "%", "oslo");
        (await Store.ListTagsAsync(Scope, "o")).Should().Equal("ops", "oslo");
        (await Store.ListTagsAsync(Scope, "%")).Should().Equal("%");
        (await Store.ListTagsAsync(Scope, "O")).Should().BeEmpty();
        (await Store.ListTagsAsync(Scope, "", 1)).Should().Equal("ops");
        (await AllAsync(Store.ListScopesAsync("acme"))).Select(static s => s.Namespace).Should().Equal("default", "notes", "notes:session:s1");
        (await AllAsync(Store.ListScopesAsync("acme", "notes"))).Should().HaveCount(2);
        (await AllAsync(Store.ListScopesAsync(null))).Should().Equal(new MemoryScope("acme"), Scope, Scope.Session("s1"), Rival);
        await WriteAsync(new MemoryDelete("a"));
        await WriteAsync(new MemoryDelete("b"));
        (await AllAsync(Store.ListScopesAsync("acme", "notes"))).Should().HaveCount(2, "an archived memory is one");
        await InvalidAsync("top", () => Store.ListTagsAsync(Scope, "", 0));
        await InvalidAsync("prefix", () => Store.ListTagsAsync(Scope, new string('x', 200)));
    }

    [Fact]
    public async Task Check_OfAStoreThatWorks_ChangesNothing()
    {
        await Store.CheckAsync();
        (await AllAsync(Store.ListScopesAsync(null))).Should().BeEmpty();
    }

    [Fact]
    public void Session_IsAScopeOfItsOwn()
    {
        MemoryScope session = Scope.Session("s1");
        (session.IsSession, session.LongTerm, session.Session("s2"), Scope.IsSession, Scope.LongTerm).Should().Be((true, Scope, Scope.Session("s2"), false, Scope));
    }

    protected static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        List<T> all = [];
        await foreach (T item in items)
        {
            all.Add(item);
        }

        return all;
    }

    private async Task FoundAsync(string expected, MemoryFilter? filter, float[] vector)
    {
        string.Concat((await Store.ListAsync(Scope, new MemoryListOptions { Filter = filter })).Records.Select(static r => r.Id).Order()).Should().Be(expected);
        foreach (MemorySearchMode mode in Enum.GetValues<MemorySearchMode>())
        {
            IReadOnlyList<MemoryMatch> found = await Store.SearchAsync(Scope, new MemoryQuery { Mode = mode, Text = "word", Vector = vector, VectorSpace = "s", Filter = filter });
            string.Concat(found.Select(static m => m.Record.Id).Order()).Should().Be(expected, "by {0}", mode);
        }
    }
}
