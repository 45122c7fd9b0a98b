namespace Providers.Memory.Sqlite.Tests;

/// <summary>Searches by words in scopes of very different sizes, beside what FTS5's own ranking says when it is asked within the scope.</summary>
public sealed class WordSearchTests
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Search_InLargeAndSmallScopes_RanksAsFts5DoesWithinTheScope(int seed)
    {
        Random random = new(seed);
        string path = _folder.File($"words{seed}.db");
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
        (MemoryScope Scope, int Size)[] scopes = [(new("large"), 1_200), (new("middle"), 300), (new("small"), 30), (new("tiny"), 3)];
        foreach ((MemoryScope scope, int size) in scopes)
        {
            foreach (int[] some in Enumerable.Range(0, size).Chunk(100))
            {
                await store.ExecuteAsync(new MemoryTransaction(scope, [.. some.Select(i => new MemoryUpsert(new MemoryRecord { Id = $"{i}", Text = Text(random.Next(3, 30)) }))]));
            }

            for (int i = 0; i < size; i += 7)
            {
                await store.ExecuteAsync(new MemoryTransaction(scope, [new MemoryPatch($"{i}") { Archived = true }]));
            }
        }

        for (int i = 0; i < 200; i++)
        {
            (MemoryScope scope, int size) = scopes[random.Next(scopes.Length)];
            int top = random.Next(1, 40);
            string text = Text(random.Next(1, 4));
            MemoryFilter? filter = random.Next(3) == 0 ? new MemoryFilter { State = MemoryState.Any } : null;
            IReadOnlyList<MemoryMatch> found = await store.SearchAsync(scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = text, Top = top, Filter = filter });
            double[] expected = Expected(store, scope, text, filter is not null, top);
            found.Select(static m => m.KeywordScore!.Value).Should().HaveCount(expected.Length, "'{0}' of {1} in {2}, seed {3}", text, size, scope.Tenant, seed);
            found.Select(static m => m.KeywordScore!.Value).Zip(expected).Should().NotContain(static p => Math.Abs(p.First - p.Second) >= 1e-9);
        }

        string Text(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => $"w{(int)Math.Pow(400, random.NextDouble())}"));
    }

    private static double[] Expected(SqliteMemoryStore store, MemoryScope scope, string text, bool archivedToo, int top)
    {
        using Reading reading = store.Database.Read();
        long number = reading.Sql.ScopeOf(scope)!.Value;
        string match = $"scope : \"{RowWriter.ScopeWord(number)}\" AND text : ({string.Join(" OR ", text.Split(' ').Distinct().Select(static w => $"\"{w}\""))})";
        using Rows rows = reading.Sql.Read(
            $"SELECT max(1e-9, -bm25(words, 0.0, 1.0)) AS score FROM words w JOIN memory m ON m.row = w.rowid WHERE words MATCH ?1{(archivedToo ? "" : " AND m.archived IS NULL")} ORDER BY score DESC LIMIT ?2", match, top);
        List<double> scores = [];
        while (rows.Read())
        {
            scores.Add(rows.Double(0));
        }

        return [.. scores];
    }
}
