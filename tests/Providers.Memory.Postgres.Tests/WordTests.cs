namespace Providers.Memory.Postgres.Tests;

/// <summary>Search by words is BM25, number by number as the store in memory has it, also where a scope is so large that its numbers are kept.</summary>
public sealed class WordTests(PostgresServer server)
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly string _schema = PostgresServer.NewSchema();

    [Fact]
    public async Task Scores_OfRandomTexts_AreThoseOfBm25()
    {
        string[] words = [.. Enumerable.Range(0, 60).Select(static i => $"w{i}")];
        Random random = new(3);
        string Text(int most) => string.Join(' ', Enumerable.Range(0, random.Next(1, most)).Select(_ => words[(int)(words.Length * random.NextDouble() * random.NextDouble())]));
        MemoryUpsert[] notes = [.. Enumerable.Range(0, 300).Select(i => new MemoryUpsert(new MemoryRecord { Id = $"n{i}", Text = Text(50), Kind = i % 3 == 0 ? "w1" : "note" }))];
        await using PostgresMemoryStore store = server.Store(_schema);
        using InMemoryStore oracle = new();
        foreach (IMemoryStore each in (IMemoryStore[])[store, oracle])
        {
            await each.ExecuteAsync(new MemoryTransaction(Scope, notes));
            await each.ExecuteAsync(new MemoryTransaction(Scope with { Namespace = "other" }, [.. notes.Take(100)]));
            await each.ExecuteAsync(new MemoryTransaction(Scope, [.. notes.Take(20).Select(static n => new MemoryPatch(n.Record.Id) { Text = "w2 w2 w2 w59" })]));
            await each.ExecuteAsync(new MemoryTransaction(Scope, [.. notes.Skip(20).Take(20).Select(static n => new MemoryDelete(n.Record.Id))]));
        }

        for (int i = 0; i < 40; i++)
        {
            MemoryQuery query = new() { Mode = MemorySearchMode.Keyword, Text = Text(6), Top = 200, Filter = i % 4 == 0 ? new MemoryFilter { Kinds = ["note"] } : null };
            Dictionary<string, double> expected = (await oracle.SearchAsync(Scope, query)).ToDictionary(static m => m.Record.Id, static m => m.KeywordScore!.Value);
            Dictionary<string, double> actual = (await store.SearchAsync(Scope, query)).ToDictionary(static m => m.Record.Id, static m => m.KeywordScore!.Value);
            actual.Should().HaveSameCount(expected, "query '{0}'", query.Text);
            foreach ((string id, double score) in actual.Where(a => expected.ContainsKey(a.Key)))
            {
                score.Should().BeApproximately(expected[id], 1e-6 * Math.Max(1, expected[id]), "query '{0}', memory {1}", query.Text, id);
            }
        }
    }

    [Fact]
    public async Task Words_InMostMemoriesOfALargeScope_CallUpNoneButCountWhereNothingElseIsAsked()
    {
        await using PostgresMemoryStore store = server.Store(_schema);
        for (int batch = 0; batch < 11; batch++)
        {
            await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(batch * 1_000, 1_000).Select(static i => new MemoryUpsert(new MemoryRecord { Id = $"n{i:00000}", Text = $"the note {i % 500} of many" }))]));
        }

        for (int again = 0; again < 2; again++)
        {
            IReadOnlyList<MemoryMatch> found = await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "the note 77", Top = 100 });
            found.Should().HaveCount(22).And.OnlyContain(static m => m.Record.Text == "the note 77 of many", "time {0}", again);
            (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "the", Top = 10 })).Should().HaveCount(10, "time {0}", again);
        }
    }

    [Fact]
    public async Task Words_OfALargeScope_CallUpMemoriesTheRarestFirst()
    {
        // 12,000 memories: "few" in 100, "some" in 3,000 others, "many" in 5,000, "absent" in none.
        await using PostgresMemoryStore store = server.Store(_schema);
        for (int batch = 0; batch < 12; batch++)
        {
            await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(batch * 1_000, 1_000).Select(static i => new MemoryUpsert(new MemoryRecord { Id = $"n{i:00000}", Text = $"{(i < 100 ? "few few" : i < 3_100 ? "some" : "other")} {(i < 5_000 ? "many" : "more")}" }))]));
        }

        for (int again = 0; again < 2; again++)
        {
            async Task<IReadOnlyList<MemoryMatch>> FindAsync(string text, int top = 20) => await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = text, Top = top });
            (await FindAsync("few many")).Should().HaveCount(20, "together they are in more than 4,000; time {0}", again).And.OnlyContain(static m => m.Record.Text == "few few many");
            IReadOnlyList<MemoryMatch> both = await FindAsync("some few", 110);
            both.Should().HaveCount(110, "together they are in 3,100; time {0}", again);
            both.Take(100).Should().OnlyContain(static m => m.Record.Text == "few few many");
            both.Skip(100).Should().OnlyContain(static m => m.Record.Text == "some many");
            (await FindAsync("few many", 110)).Should().HaveCount(110, "the rarest are in fewer than are asked for; time {0}", again);
            (await FindAsync("absent many")).Should().HaveCount(20, "a word that no memory has is not the rarest; time {0}", again);
            (await FindAsync("absent")).Should().BeEmpty("time {0}", again);
        }

        Dictionary<string, double> scores = (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "few many", Top = 1 })).ToDictionary(static m => m.Record.Text, static m => m.KeywordScore!.Value);
        double Weight(double count) => Math.Log((12_000 - count + 0.5) / (count + 0.5));
        double average = ((100 * 3) + (11_900 * 2)) / 12_000.0, length = 0.3 + (0.9 * 3 / average);
        scores["few few many"].Should().BeApproximately((Weight(100) * 2 * 2.2 / (2 + length)) + (Weight(5_000) * 2.2 / (1 + length)), 1e-6, "a word that calls up none counts where it is");
    }

    [Fact]
    public async Task Text_OfTooManyWordsForTheIndex_IsKeptWhole()
    {
        await using PostgresMemoryStore store = new(new PostgresMemoryOptions { ConnectionString = server.Owner, Schema = _schema }, new MemoryLimits { TextBytes = 2_000_000 });
        string text = string.Join(' ', Enumerable.Range(0, 100_000).Select(static i => $"word{i}"));
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "long", Text = text })]));
        (await store.GetAsync(Scope, "long"))!.Text.Should().Be(text);
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "word7" })).Should().ContainSingle();
    }

    [Fact]
    public async Task Metadata_OfAnySort_IsFoundAsItIs()
    {
        await using PostgresMemoryStore store = server.Store(_schema);
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "x", Text = "t", Metadata = Json("""{"a":-0.0,"b":1e400,"c":null,"d":[1],"e":false,"f":"1","f":"2"}""") })]));
        // Whatever a value has in it, only its hash reaches the server.
        foreach ((string name, string value, bool there) in ((string, string, bool)[])[("a", "0", true), ("b", "1e500", true), ("e", "false", true), ("e", "true", false), ("f", "\"2\"", true), ("f", "\"1\"", false), ("f", "2", false), ("d", "1", false), ("g", "1", false), ("a", "\"\\u0000\"", false)])
        {
            MemoryFilter filter = new() { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { [name] = Json(value) } };
            (await store.ListAsync(Scope, new MemoryListOptions { Filter = filter })).Records.Should().HaveCount(there ? 1 : 0, "{0} = {1}", name, value);
        }
    }

    private static System.Text.Json.JsonElement Json(string json) => System.Text.Json.JsonDocument.Parse(json).RootElement;
}
