using Providers.Memory;

namespace Providers.Conformance;

/// <summary>Wrong input: a clear error with its field, and nothing changed.</summary>
public abstract partial class StoreConformance
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "empty text", "text" }, { "white text", "text" }, { "marks only", "text" }, { "long text", "text" }, { "long emoji", "text" }, { "zero in text", "text" }, { "half surrogate", "text" },
        { "long id", "id" }, { "id with slash", "id" }, { "empty kind", "kind" }, { "long kind", "kind" }, { "kind with space", "kind" },
        { "33 tags", "tags" }, { "long tag", "tags[0]" }, { "blank tag", "tags[0]" }, { "tag twice", "tags[1]" }, { "zero in tag", "tags[0]" },
        { "metadata array", "metadata" }, { "metadata 65 keys", "metadata" }, { "metadata depth 5", "metadata" }, { "metadata 17 KiB", "metadata" }, { "metadata zero", "metadata" }, { "metadata not UTF-8", "metadata" },
        { "importance NaN", "importance" }, { "importance 2", "importance" }, { "importance -1", "importance" },
        { "expired", "expires" }, { "vector NaN", "vector" }, { "vector infinity", "vector" }, { "vector empty", "vector" }, { "vector of zeros", "vector" }, { "vector of 4097", "vector" },
        { "vector without space", "vector" }, { "space without vector", "vector" }, { "zero in space", "vector_space" }, { "source empty", "provenance.source" }, { "trust 2", "provenance.trust" }, { "evidence 33", "provenance.evidence" },
        { "negative version", "expected_version" }, { "patch of nothing", "patch" }, { "no operation", "operations" }, { "1001 operations", "operations" }, { "twice the same", "operations[1].id" },
        { "created in the future", "created" }, { "archived in the future", "archived" }, { "link to itself", "to" }, { "link of no relation", "relation" }, { "link from a slash", "from" }, { "embed NaN", "vector" }, { "embed without space", "vector_space" }, { "fingerprint long", "fingerprint" },
        { "key empty", "idempotency_key" }, { "key long", "idempotency_key" }, { "key not ascii", "idempotency_key" }, { "tenant empty", "tenant" }, { "namespace with slash", "namespace" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Write_OfSomethingWrong_NamesItAndChangesNothing(string what, string field)
    {
        MemoryRecord good = Note("good").Record;
        MemoryTransaction transaction = new(Scope, [Operation(what, good)]);
        transaction = what switch
        {
            "no operation" => transaction with { Operations = [] },
            "1001 operations" => transaction with { Operations = [.. Enumerable.Range(0, 1_001).Select(static _ => Note("x"))] },
            "twice the same" => transaction with { Operations = [Note("a", "x"), new MemoryDelete("x")] },
            "fingerprint long" => transaction with { Fingerprint = new string('f', 129) },
            "key empty" => transaction with { IdempotencyKey = "" },
            "key long" => transaction with { IdempotencyKey = new string('k', 10_240) },
            "key not ascii" => transaction with { IdempotencyKey = "nøkkel" },
            "tenant empty" => transaction with { Scope = new MemoryScope("") },
            "namespace with slash" => transaction with { Scope = new MemoryScope("acme", "a/b") },
            _ => transaction,
        };
        await InvalidAsync(field, () => Store.ExecuteAsync(transaction));
        (await Store.GetStatsAsync(Scope)).Count.Should().Be(0);
    }

    [Theory]
    [InlineData(0, "top")]
    [InlineData(-1, "top")]
    [InlineData(201, "top")]
    [InlineData(int.MaxValue, "top")]
    public async Task Search_ForTooMany_IsRefused(int top, string field) => await InvalidAsync(field, () => Store.SearchAsync(Scope, new MemoryQuery { Text = "x", Top = top }));

    [Fact]
    public async Task Search_OfSomethingWrong_NamesIt()
    {
        await InvalidAsync("text", () => Store.SearchAsync(Scope, new MemoryQuery()));
        await InvalidAsync("text", () => Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Vector = new float[] { 1 }, VectorSpace = "s" }));
        await InvalidAsync("text", () => Store.SearchAsync(Scope, new MemoryQuery { Text = new string('x', 70_000) }));
        await InvalidAsync("min_score", () => Store.SearchAsync(Scope, new MemoryQuery { Text = "x", MinScore = double.NaN }));
        await InvalidAsync("min_score", () => Store.SearchAsync(Scope, new MemoryQuery { Text = "x", MinScore = 2 }));
        await InvalidAsync("vector", () => Store.SearchAsync(Scope, new MemoryQuery { Vector = new float[] { float.NaN }, VectorSpace = "s" }));
        await InvalidAsync("filter", () => Store.SearchAsync(Scope, new MemoryQuery { Text = "x", Filter = new MemoryFilter { TagsAny = [.. Enumerable.Range(0, 10_000).Select(static i => $"t{i}")] } }));
        await InvalidAsync("filter.metadata", () => Store.SearchAsync(Scope, new MemoryQuery { Text = "x", Filter = new MemoryFilter { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { ["k"] = Json("[1]") } } }));
        await InvalidAsync("filter.min_importance", () => Store.ListAsync(Scope, new MemoryListOptions { Filter = new MemoryFilter { MinImportance = 7 } }));
        await InvalidAsync("limit", () => Store.ListAsync(Scope, new MemoryListOptions { Limit = 0 }));
        await InvalidAsync("limit", () => Store.ListAsync(Scope, new MemoryListOptions { Limit = 201 }));
        await InvalidAsync("filter.ids", () => Store.ListAsync(Scope, new MemoryListOptions { Filter = new MemoryFilter { Ids = [.. Enumerable.Range(0, 1_001).Select(static i => $"i{i}")] } }));
        await InvalidAsync("filter", () => Store.ListAsync(Scope, new MemoryListOptions { Filter = new MemoryFilter { Kinds = ["a\0"] } }));
        await InvalidAsync("filter", () => Store.DeleteAsync(Scope, new MemoryFilter { TagsAny = [.. Enumerable.Range(0, 65).Select(static i => $"t{i}")] }));
        await InvalidAsync("tenant", () => Store.EraseAsync(new MemoryScope("")));
        await InvalidAsync("id", () => Store.GetHistoryAsync(Scope, ""));
        await InvalidAsync("id", () => Store.GetAsync(Scope, "../x"));
        await InvalidAsync("tenant", () => Store.GetStatsAsync(new MemoryScope("a b")));
    }

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    [InlineData(1e-30f)]
    [InlineData(-3e38f)]
    [InlineData(1f)]
    public async Task Vector_OfExtremeNumbers_HasAFiniteScore(float number)
    {
        await WriteAsync(new MemoryUpsert(Note("a", "same").Record with { Vector = new[] { number, number, -0f }, VectorSpace = "s" }));
        await WriteAsync(new MemoryUpsert(Note("b", "other").Record with { Vector = new[] { number, 0, number }, VectorSpace = "s" }));
        foreach (MemoryState state in Enum.GetValues<MemoryState>())
        {
            IReadOnlyList<MemoryMatch> found = await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new[] { number, number, 0 }, VectorSpace = "s", Filter = new MemoryFilter { State = state } });
            found.Select(static m => (m.Record.Id, Math.Round(m.VectorScore!.Value, 2))).Should().Equal(state is MemoryState.Archived ? [] : [("same", 1.0), ("other", 0.5)]);
        }
    }

    [Fact]
    public async Task Texts_OfEverySortOfTrouble_AreStoredExactly()
    {
        string[] texts = ["'; drop table memory;--", "zal\u0301\u0302\u0303go", "\u202Eright to left", "zero\u200Bwidth", "\r\n\u001B[31mred", "NEAR(a b) \"quoted\" col:x ^ * -", "%_\\", "ａｄｍｉｎ", "𝔘𝔫𝔦", "</memory>", "__proto__"];
        for (int i = 0; i < texts.Length; i++)
        {
            await WriteAsync(new MemoryUpsert(Note(texts[i], $"t{i}").Record with { Tags = [texts[i].Trim()], Metadata = Json(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { [texts[i]] = texts[i] })) }));
        }

        for (int i = 0; i < texts.Length; i++)
        {
            MemoryRecord read = (await Store.GetAsync(Scope, $"t{i}"))!;
            (read.Text, read.Tags[0], read.Metadata!.Value.GetProperty(texts[i]).GetString()).Should().Be((texts[i], texts[i].Trim(), texts[i]));
            (await Store.ListAsync(Scope, new MemoryListOptions { Filter = new MemoryFilter { TagsAll = [texts[i].Trim()] } })).Records.Select(static r => r.Id).Should().Equal($"t{i}");
            (await Store.ListAsync(Scope, new MemoryListOptions { Filter = new MemoryFilter { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { [texts[i]] = Json(System.Text.Json.JsonSerializer.Serialize(texts[i])) } } })).Records.Should().ContainSingle();
        }
    }

    [Fact]
    public async Task Clock_ThatJumps_ForgetsNothingAndBreaksNothing()
    {
        await WriteAsync(new MemoryUpsert(Note("a", "x").Record with { Expires = Clock.GetUtcNow().AddHours(36) }));
        Clock.Advance(TimeSpan.FromDays(1));
        await WriteAsync(new MemoryPatch("x") { Text = "b" });
        Clock.AdjustTime(Clock.GetUtcNow().AddHours(-1));
        await WriteAsync(new MemoryPatch("x") { Text = "c" });
        (await Store.GetAsync(Scope, "x"))!.Version.Should().Be(3);
        await WriteAsync(Note("d", "y"));
        (await Store.ListAsync(Scope)).Records.Should().HaveCount(2);
        (await Store.PurgeExpiredAsync()).Should().Be(0);
    }

    private static MemoryOperation Operation(string what, MemoryRecord good) => what switch
    {
        "empty text" => new MemoryUpsert(good with { Text = "" }),
        "white text" => new MemoryUpsert(good with { Text = " \t\n" }),
        "marks only" => new MemoryUpsert(good with { Text = "\u0301\u0302" }),
        "long text" => new MemoryUpsert(good with { Text = new string('x', 65_537) }),
        "long emoji" => new MemoryUpsert(good with { Text = string.Concat(Enumerable.Repeat("🌍", 16_385)) }),
        "zero in text" => new MemoryUpsert(good with { Text = "a\0b" }),
        "half surrogate" => new MemoryUpsert(good with { Text = "a\ud800" }),
        "long id" => new MemoryUpsert(good with { Id = new string('i', 129) }),
        "id with slash" => new MemoryUpsert(good with { Id = "a/b" }),
        "empty kind" => new MemoryUpsert(good with { Kind = "" }),
        "long kind" => new MemoryUpsert(good with { Kind = new string('k', 33) }),
        "kind with space" => new MemoryUpsert(good with { Kind = "a b" }),
        "33 tags" => new MemoryUpsert(good with { Tags = [.. Enumerable.Range(0, 33).Select(static i => $"t{i}")] }),
        "long tag" => new MemoryUpsert(good with { Tags = [new string('t', 65)] }),
        "blank tag" => new MemoryUpsert(good with { Tags = [" "] }),
        "tag twice" => new MemoryUpsert(good with { Tags = ["a", "a"] }),
        "zero in tag" => new MemoryUpsert(good with { Tags = ["a\0"] }),
        "metadata array" => new MemoryUpsert(good with { Metadata = Json("[1]") }),
        "metadata 65 keys" => new MemoryUpsert(good with { Metadata = Json("{" + string.Join(',', Enumerable.Range(0, 65).Select(static i => $"\"k{i}\":{i}")) + "}") }),
        "metadata depth 5" => new MemoryUpsert(good with { Metadata = Json("""{"a":{"b":{"c":{"d":{}}}}}""") }),
        "metadata 17 KiB" => new MemoryUpsert(good with { Metadata = Json($"{{\"k\":\"{new string('v', 17_000)}\"}}") }),
        "metadata not UTF-8" => new MemoryUpsert(good with { Metadata = System.Text.Json.JsonDocument.Parse("{\"k\u00e9\":1}"u8.ToArray().Where(static b => b != 0xC3).ToArray()).RootElement.Clone() }),
        "metadata zero" => new MemoryUpsert(good with { Metadata = Json("{\"k\":\"a\\u0000\"}") }),
        "importance NaN" => new MemoryUpsert(good with { Importance = double.NaN }),
        "importance 2" => new MemoryUpsert(good with { Importance = 2 }),
        "importance -1" => new MemoryPatch("x") { Importance = -1 },
        "expired" => new MemoryUpsert(good with { Expires = DateTimeOffset.UnixEpoch }),
        "vector NaN" => new MemoryUpsert(good with { Vector = new[] { 1, float.NaN }, VectorSpace = "s" }),
        "vector infinity" => new MemoryUpsert(good with { Vector = new[] { 1, float.NegativeInfinity }, VectorSpace = "s" }),
        "vector empty" => new MemoryUpsert(good with { Vector = Array.Empty<float>(), VectorSpace = "s" }),
        "vector of zeros" => new MemoryUpsert(good with { Vector = new float[8], VectorSpace = "s" }),
        "vector of 4097" => new MemoryUpsert(good with { Vector = Enumerable.Repeat(1f, 4_097).ToArray(), VectorSpace = "s" }),
        "vector without space" => new MemoryUpsert(good with { Vector = new float[] { 1 } }),
        "space without vector" => new MemoryPatch("x") { Text = "a", VectorSpace = "s" },
        "zero in space" => new MemoryUpsert(good with { Vector = new float[] { 1 }, VectorSpace = "a\0" }),
        "source empty" => new MemoryUpsert(good with { Provenance = new MemoryProvenance { Source = "" } }),
        "trust 2" => new MemoryUpsert(good with { Provenance = new MemoryProvenance { Source = "a", Trust = 2 } }),
        "evidence 33" => new MemoryUpsert(good with { Provenance = new MemoryProvenance { Source = "a", Evidence = [.. Enumerable.Repeat("e", 33)] } }),
        "created in the future" => new MemoryUpsert(good with { Created = DateTimeOffset.MaxValue }) { KeepTimes = true },
        "archived in the future" => new MemoryUpsert(good with { Archived = DateTimeOffset.MaxValue }),
        "link to itself" => new MemoryLink("x", MemoryRelation.Extends, "x"),
        "link of no relation" => new MemoryLink("x", (MemoryRelation)99, "y"),
        "link from a slash" => new MemoryUnlink("x/y", MemoryRelation.Extends, "y"),
        "embed NaN" => new MemoryEmbed("x", new[] { float.NaN }, "s"),
        "embed without space" => new MemoryEmbed("x", new float[] { 1 }, ""),
        "negative version" => new MemoryUpsert(good) { ExpectedVersion = -1 },
        "patch of nothing" => new MemoryPatch("x"),
        _ => new MemoryUpsert(good),
    };
}
