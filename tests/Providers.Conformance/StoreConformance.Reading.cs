using Providers.Memory;

namespace Providers.Conformance;

/// <summary>Listing, filters and search.</summary>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task List_PageByPage_ShowsEachMemoryOnceWhateverHappensMeanwhile()
    {
        for (int i = 0; i < 30; i++)
        {
            await WriteAsync(Note($"n{i}", $"id{i:00}"));
            Clock.Advance(TimeSpan.FromMilliseconds(i % 3)); // several share one moment
        }

        List<string> seen = [];
        string? cursor = null;
        for (int page = 0; page < 20; page++)
        {
            MemoryPage read = await Store.ListAsync(Scope, new MemoryListOptions { Limit = 7, Cursor = cursor });
            seen.AddRange(read.Records.Select(static r => r.Id));
            if ((cursor = read.NextCursor) is null)
            {
                break;
            }

            await WriteAsync(new MemoryDelete($"id{page:00}"));
            await WriteAsync(new MemoryPatch("id20") { Text = $"changed {page}" });
            Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        seen.Should().Equal(Enumerable.Range(0, 30).Select(static i => $"id{i:00}"));
    }

    [Fact]
    public async Task Cursor_AlteredOrForAnotherFilter_IsRefused()
    {
        for (int i = 0; i < 3; i++)
        {
            await WriteAsync(Note("n"));
        }

        string cursor = (await Store.ListAsync(Scope, new MemoryListOptions { Limit = 1 })).NextCursor!;
        char other = cursor[3] == 'A' ? 'B' : 'A';
        foreach (string wrong in (string[])["", "x", "!!!", cursor[..^2], cursor + "AAAA", cursor[..3] + other + cursor[4..], new string('A', 600)])
        {
            await InvalidAsync("cursor", () => Store.ListAsync(Scope, new MemoryListOptions { Limit = 1, Cursor = wrong }));
        }

        await InvalidAsync("cursor", () => Store.ListAsync(Scope, new MemoryListOptions { Limit = 1, Cursor = cursor, Filter = new MemoryFilter { Kinds = ["note"] } }));
    }

    public static TheoryData<string, string> Filters => new()
    {
        { "none", "abc" }, { "kind", "b" }, { "kinds", "bc" }, { "any", "ab" }, { "all", "a" }, { "source", "c" }, { "from", "bc" }, { "before", "a" },
        { "importance", "c" }, { "string", "a" }, { "number", "b" }, { "boolean", "c" }, { "text of a number", "" }, { "two", "b" }, { "wildcard", "" },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filter_OfEachSort_FindsTheSameByListAndSearch(string name, string expected)
    {
        DateTimeOffset start = Clock.GetUtcNow();
        float[] vector = [1, 0];
        await WriteAsync(new MemoryUpsert(Note("word", "a").Record with { Tags = ["x", "y"], Metadata = Json("""{"k":"v","n":"1"}"""), Vector = vector, VectorSpace = "s" }));
        Clock.Advance(TimeSpan.FromHours(1));
        await WriteAsync(new MemoryUpsert(Note("word", "b").Record with { Kind = "event", Tags = ["x"], Metadata = Json("""{"k":2.0}"""), Vector = vector, VectorSpace = "s" }));
        await WriteAsync(new MemoryUpsert(Note("word", "c").Record with { Kind = "fact", Importance = 0.9, Metadata = Json("""{"k":true}"""), Provenance = new MemoryProvenance { Source = "user" }, Vector = vector, VectorSpace = "s" }));
        MemoryFilter filter = name switch
        {
            "kind" => new() { Kinds = ["event"] },
            "kinds" => new() { Kinds = ["event", "fact"] },
            "any" => new() { TagsAny = ["x", "z"] },
            "all" => new() { TagsAll = ["x", "y"] },
            "source" => new() { Source = "user" },
            "from" => new() { CreatedFrom = start.AddHours(1) },
            "before" => new() { CreatedBefore = start.AddHours(1) },
            "importance" => new() { MinImportance = 0.6 },
            "string" => new() { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { ["k"] = Json("\"v\"") } },
            "number" => new() { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { ["k"] = Json("2") } },
            "boolean" => new() { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { ["k"] = Json("true") } },
            "text of a number" => new() { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { ["n"] = Json("1") } },
            "two" => new() { Kinds = ["event", "note"], CreatedFrom = start.AddHours(1) },
            "wildcard" => new() { Kinds = ["%"], TagsAny = ["_"], Source = "%" },
            _ => new(),
        };
        string Ids(IEnumerable<MemoryRecord> records) => string.Concat(records.Select(static r => r.Id).Order(StringComparer.Ordinal));
        Ids((await Store.ListAsync(Scope, new MemoryListOptions { Filter = filter })).Records).Should().Be(expected);
        foreach (MemorySearchMode mode in Enum.GetValues<MemorySearchMode>())
        {
            Ids((await Store.SearchAsync(Scope, new MemoryQuery { Mode = mode, Text = "word", Vector = vector, VectorSpace = "s", Filter = filter })).Select(static m => m.Record)).Should().Be(expected, "by {0}", mode);
        }
    }

    [Fact]
    public async Task Search_ByWords_RanksByRarityAndIgnoresCaseAndAccents()
    {
        await WriteAsync(Note("The café in Tromsø serves waffles", "cafe"));
        await WriteAsync(Note("The ferry to Tromsø leaves at nine", "ferry"));
        for (int i = 0; i < 20; i++)
        {
            await WriteAsync(Note($"The meeting number {i} about budgets", $"m{i}"));
        }

        IReadOnlyList<MemoryMatch> found = await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "CAFE the" });
        found[0].Record.Id.Should().Be("cafe");
        found[0].KeywordScore.Should().BePositive();
        found.Select(static m => m.Score).Should().BeInDescendingOrder().And.OnlyContain(static s => s > 0 && s <= 1);
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "nothing like it" })).Should().BeEmpty();
    }

    /// <summary>In a host with InvariantGlobalization, as the tests are, and in every other.</summary>
    [Theory]
    [InlineData("caf\u00e9 noir", "CAFE")]
    [InlineData("caf\u00e9 noir", "cafe\u0301")]
    [InlineData("cafe\u0301 noir", "caf\u00e9")]
    [InlineData("cafe noir", "Caf\u00c9")]
    [InlineData("ph\u1edf b\u00f2", "pho")]
    [InlineData("\u043c\u043e\u0439 \u0434\u043e\u043c", "\u041c\u041e\u0419")]
    [InlineData("\u0391\u03b8\u03ae\u03bd\u03b1 \u03c3\u03ae\u03bc\u03b5\u03c1\u03b1", "\u0391\u03b8\u03ae\u03bd\u03b1")]
    [InlineData("\u304c\u3063\u3053\u3046 \u3067\u3059", "\u304c\u3063\u3053\u3046")]
    [InlineData("\ud55c\uad6d \uc0ac\ub78c", "\ud55c\uad6d")]
    [InlineData("\u0915\u0941\u091b \u0932\u094b\u0917", "\u0915\u0941\u091b")]
    [InlineData("Stra\u00dfe \u0141\u00f3d\u017a \u00d8", "\u0142\u00f3d\u017a")]
    public async Task Search_ByAWord_FindsItInWhateverFormItIsComposed(string text, string query)
    {
        await WriteAsync(Note(text, "wanted"));
        await WriteAsync(Note("something else", "other"));
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = query })).Select(static m => m.Record.Id).Should().Equal("wanted");
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("*")]
    [InlineData("NEAR(")]
    [InlineData("col: ^word - +")]
    [InlineData("AND OR NOT")]
    [InlineData("'; drop table mem;--")]
    [InlineData("%_\\")]
    [InlineData("(((((")]
    [InlineData("{a b} : c")]
    [InlineData("🌍 \u202E")]
    public async Task Search_ForAnyCharacters_IsAnsweredAndNeverAnOperator(string text)
    {
        await WriteAsync(Note("plain words and near or not", "x"));
        IReadOnlyList<MemoryMatch> found = await Store.SearchAsync(Scope, new MemoryQuery { Text = text });
        found.Count.Should().BeLessThanOrEqualTo(1);
        await Store.SearchAsync(Scope, new MemoryQuery { Text = string.Join(' ', Enumerable.Repeat(text, 500)) });
    }

    [Fact]
    public async Task Search_ByMeaning_StaysInItsSpace()
    {
        for (int i = 0; i < 20; i++)
        {
            double angle = i * Math.PI / 40;
            await WriteAsync(new MemoryUpsert(Note($"n{i}", $"v{i:00}").Record with { Vector = new[] { (float)Math.Cos(angle), (float)Math.Sin(angle) }, VectorSpace = "s" }));
        }

        await WriteAsync(new MemoryUpsert(Note("elsewhere", "w").Record with { Vector = new float[] { 1, 0, 0 }, VectorSpace = "t" }));
        IReadOnlyList<MemoryMatch> found = await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s", Top = 5 });
        found.Select(static m => m.Record.Id).Should().Equal("v00", "v01", "v02", "v03", "v04");
        found[0].VectorScore.Should().BeApproximately(1, 1e-4);
        found[1].VectorScore.Should().BeApproximately(Math.Cos(Math.PI / 40), 1e-3);
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "unknown" })).Should().BeEmpty();
        await InvalidAsync("vector", () => Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1 }, VectorSpace = "s" }));
        await InvalidAsync("vector", async () => await WriteAsync(new MemoryUpsert(Note("bad").Record with { Vector = new float[] { 1 }, VectorSpace = "s" })));
        await WriteAsync(new MemoryDelete("v00"));
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s", Top = 1 }))[0].Record.Id.Should().Be("v01");
        await WriteAsync(new MemoryPatch("v01") { Vector = new float[] { 0, 1 }, VectorSpace = "s" });
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s", Top = 1 }))[0].Record.Id.Should().Be("v02");
    }

    [Fact]
    public async Task Search_Hybrid_PutsFirstWhatBothRankingsFind()
    {
        await WriteAsync(new MemoryUpsert(Note("rain in Bergen", "both").Record with { Vector = new float[] { 0.9f, 0.1f }, VectorSpace = "s" }));
        await WriteAsync(new MemoryUpsert(Note("sunshine elsewhere", "near").Record with { Vector = new float[] { 1, 0 }, VectorSpace = "s" }));
        await WriteAsync(new MemoryUpsert(Note("rain of arrows", "words").Record with { Vector = new float[] { -1, 0.2f }, VectorSpace = "s" }));
        await WriteAsync(Note("no vector, rain", "bare"));
        IReadOnlyList<MemoryMatch> found = await Store.SearchAsync(Scope, new MemoryQuery { Text = "Bergen rain", Vector = new float[] { 1, 0 }, VectorSpace = "s" });
        found[0].Record.Id.Should().Be("both");
        found[0].Score.Should().BeInRange(0.7, 1);
        found.Select(static m => m.Record.Id).Should().Contain("bare").And.Contain("near");
        (await Store.SearchAsync(Scope, new MemoryQuery { Text = "Bergen rain", Vector = new float[] { 1, 0 }, VectorSpace = "s", MinScore = 0.7 })).Should().ContainSingle();
        (await Store.SearchAsync(Scope, new MemoryQuery { Text = "rain" })).Should().HaveCount(3, "without a vector, by words alone");
    }
}
