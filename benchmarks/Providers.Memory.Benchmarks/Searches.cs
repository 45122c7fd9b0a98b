using System.Diagnostics;
using Providers.Memory.Sqlite;

namespace Providers.Memory.Benchmarks;

/// <summary>Hybrid search over many memories of 768 dimensions, and how long a database takes from opening to its first answer.</summary>
internal static class Searches
{
    private static readonly MemoryScope Scope = new("bench");

    public static async Task RunAsync(string folder, int size, string peers, Figures figures)
    {
        Corpus corpus = new();
        string path = Path.Join(folder, $"search{size}.db");
        Stopwatch watch = Stopwatch.StartNew();
        await using (SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path, CheckpointEvery = 10_000_000 }))
        {
            for (int at = 0; at < size; at += 1_000)
            {
                await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(at, Math.Min(1_000, size - at)).Select(i => new MemoryUpsert(corpus.Note(i)))])).ConfigureAwait(false);
            }

            figures.Add($"bulk load of {size:N0} x {Corpus.Dimensions}", size / watch.Elapsed.TotalSeconds, "1/s");
        }

        watch.Restart();
        await using SqliteMemoryStore opened = new(new SqliteMemoryOptions { Path = path });
        await opened.SearchAsync(Scope, corpus.Query(0)).ConfigureAwait(false);
        figures.Add($"open {size:N0} to the first answer", watch.Elapsed.TotalSeconds, "s", null, null, size >= 1_000_000 ? 2 : null);
        foreach (MemorySearchMode mode in (MemorySearchMode[])[MemorySearchMode.Hybrid, MemorySearchMode.Semantic, MemorySearchMode.Keyword])
        {
            List<double> took = [];
            for (int i = 0; i < 400; i++)
            {
                MemoryQuery query = corpus.Query(i) with { Mode = mode };
                long start = Stopwatch.GetTimestamp();
                await opened.SearchAsync(Scope, query).ConfigureAwait(false);
                if (i >= 100) // the first ones find out how frequent words are
                {
                    took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }

            took.Sort();
            figures.Add($"{mode} search, {size:N0}, p50", took[took.Count / 2], "ms", null, null, mode is MemorySearchMode.Hybrid && size == 100_000 ? 5 : null);
            figures.Add($"{mode} search, {size:N0}, p99", took[took.Count * 99 / 100], "ms");
        }

        await Peers.RunAsync(opened, corpus, size, peers, figures).ConfigureAwait(false);
    }
}
