using System.Diagnostics;
using Providers.Memory.Sqlite;

namespace Providers.Memory.Benchmarks;

/// <summary>Where the time of a search goes: each part alone, over the same queries.</summary>
internal static class Parts
{
    private static readonly MemoryScope Scope = new("bench");

    public static async Task RunAsync(SqliteMemoryStore store, Corpus corpus, int size, Figures figures)
    {
        await store.SearchAsync(Scope, corpus.Query(0)).ConfigureAwait(false);
        using Reading reading = store.Database.Read();
        Statements sql = reading.Sql;
        long scope = sql.ScopeOf(Scope)!.Value;
        long space = sql.Scalar<long>("SELECT number FROM space WHERE scope = ?1", scope);
        VectorShelf shelf = store.Shelves.Get(space, Corpus.Dimensions);
        WordFrequencies frequencies = new();
        MemoryQuery[] queries = [.. Enumerable.Range(0, 300).Select(corpus.Query)];
        string[] matches = [.. queries.Select(q => string.Join(" OR ", frequencies.Selective(sql, Words.AsWritten(q.Text!)).Words.Select(static w => $"\"{w}\"")))];
        void Time(string name, Action<int> act)
        {
            double[] took = [.. Enumerable.Range(0, queries.Length).Select(i =>
            {
                long start = Stopwatch.GetTimestamp();
                act(i);
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }).Skip(100).Order()];
            figures.Add($"{size:N0}: {name}, p50", took[took.Length / 2], "ms");
        }

        Time("snapshot and scope", i =>
        {
            using Reading another = store.Database.Read();
            another.Sql.ScopeOf(Scope);
        });
        Time("nearest 50 vectors", i => shelf.Search(queries[i].Vector!.Value.Span, 50, null));
        Time("frequencies of words", i => frequencies.Selective(sql, Words.AsWritten(queries[i].Text!)));
        Time("words: ids that match", i => sql.Numbers("SELECT rowid FROM words WHERE words MATCH ?1", $"text : ({matches[i]})"));
        Time("words: ids that match in the scope", i => sql.Numbers("SELECT rowid FROM words WHERE words MATCH ?1", $"scope : \"s{scope}\" AND text : ({matches[i]})"));
        Time("words: best 50 by rank", i => sql.Numbers("SELECT rowid FROM words WHERE words MATCH ?1 AND rank MATCH 'bm25(0.0, 1.0)' ORDER BY rank LIMIT 50", $"text : ({matches[i]})"));
        Time("words: best 50 by rank in the scope", i => sql.Numbers("SELECT rowid FROM words WHERE words MATCH ?1 AND rank MATCH 'bm25(0.0, 1.0)' ORDER BY rank LIMIT 50", $"scope : \"s{scope}\" AND text : ({matches[i]})"));
        Time("words: best 50 by rank, joined", i => sql.Numbers(
            "SELECT w.rowid, -bm25(words, 0.0, 1.0) AS score FROM words w JOIN memory m ON m.row = w.rowid WHERE words MATCH ?1 AND m.scope = ?2 ORDER BY score DESC, w.rowid LIMIT 50", $"scope : \"s{scope}\" AND text : ({matches[i]})", scope));
        Time("ten records", i => sql.Records(
            $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.row IN (SELECT value FROM json_each(?1))", $"[{string.Join(',', Enumerable.Range(0, 10).Select(n => 1 + (((i * 7919) + (n * 104_729)) % size)))}]"));
    }
}
