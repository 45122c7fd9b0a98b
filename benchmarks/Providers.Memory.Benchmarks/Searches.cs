using System.Diagnostics;
using Providers.Memory.Sqlite;

namespace Providers.Memory.Benchmarks;

/// <summary>Hybrid search over many memories of 768 dimensions, and how long a database takes from opening to its first answer. A database once made is kept, so that a large one is loaded in stages.</summary>
internal static class Searches
{
    private const int Batch = 1_000;
    private static readonly MemoryScope Scope = new("bench");
    private static readonly TimeSpan Stage = TimeSpan.FromSeconds(150);

    public static async Task RunAsync(string folder, int size, string what, Figures figures)
    {
        Corpus corpus = new();
        string path = Path.Join(folder, $"search{size}.db");
        if (what is "all" or "load" && !await LoadAsync(path, corpus, size, figures).ConfigureAwait(false))
        {
            Console.WriteLine($"{size:N0} memories are not all there yet: run the stage again.");
            return;
        }

        Stopwatch watch = Stopwatch.StartNew();
        await using SqliteMemoryStore opened = new(new SqliteMemoryOptions { Path = path });
        await opened.SearchAsync(Scope, corpus.Query(0)).ConfigureAwait(false);
        figures.Add($"open {size:N0} to the first answer", watch.Elapsed.TotalSeconds, "s", null, null, size >= 1_000_000 ? 2 : null);
        await SettleAsync(opened, corpus).ConfigureAwait(false);
        if (what is "parts")
        {
            await Parts.RunAsync(opened, corpus, size, figures).ConfigureAwait(false);
        }

        if (what is "all" or "search")
        {
            await TimeAsync(opened, corpus, size, figures).ConfigureAwait(false);
        }

        if (what is "all" or "peers")
        {
            await Peers.RunAsync(opened, corpus, size, folder, figures).ConfigureAwait(false);
        }
    }

    /// <summary>Searches until the vector index has built in the background what it wants for so many: what is measured afterwards is what a host that runs for a while has.</summary>
    private static async Task SettleAsync(SqliteMemoryStore store, Corpus corpus)
    {
        Stopwatch watch = Stopwatch.StartNew();
        int searches = 0;
        string before, now = "";
        do
        {
            before = now;
            for (int i = 0; i < 100; i++)
            {
                await store.SearchAsync(Scope, corpus.Query(searches++)).ConfigureAwait(false);
            }

            foreach (VectorShelf shelf in store.Shelves.Open)
            {
                await shelf.WhenIdleAsync().ConfigureAwait(false);
            }

            now = string.Join(", ", store.Shelves.Open.Select(static s => s.Structure));
        }
        while (now != before || searches < 200);
        Console.WriteLine($"settled after {watch.Elapsed.TotalSeconds:F0} s: {now}");
    }

    private static async Task TimeAsync(SqliteMemoryStore store, Corpus corpus, int size, Figures figures)
    {
        foreach (MemorySearchMode mode in (MemorySearchMode[])[MemorySearchMode.Hybrid, MemorySearchMode.Semantic, MemorySearchMode.Keyword])
        {
            List<double> took = [];
            for (int i = 0; i < 500; i++)
            {
                MemoryQuery query = corpus.Query(i) with { Mode = mode };
                long start = Stopwatch.GetTimestamp();
                await store.SearchAsync(Scope, query).ConfigureAwait(false);
                if (i >= 200) // the first ones find out how frequent words are
                {
                    took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }

            took.Sort();
            figures.Add($"{mode} search, {size:N0}, p50", took[took.Count / 2], "ms", null, null, mode is MemorySearchMode.Hybrid && size == 100_000 ? 5 : null);
            figures.Add($"{mode} search, {size:N0}, p99", took[took.Count * 99 / 100], "ms");
        }
    }

    /// <summary>Goes on loading where the last stage stopped.</summary>
    /// <returns>Whether all are there.</returns>
    private static async Task<bool> LoadAsync(string path, Corpus corpus, int size, Figures figures)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path, CheckpointEvery = 10_000_000 });
        int first = (int)(await store.GetStatsAsync(Scope).ConfigureAwait(false)).Count, at = first;
        Task<MemoryTransaction> next = Task.Run(() => Make(corpus, first, size));
        watch.Restart();
        while (at < size && watch.Elapsed < Stage)
        {
            MemoryTransaction batch = await next.ConfigureAwait(false);
            at += batch.Operations.Count;
            int from = at;
            next = Task.Run(() => Make(corpus, from, size)); // the notes of the next batch are made up meanwhile
            await store.ExecuteAsync(batch).ConfigureAwait(false);
        }

        if (at > first)
        {
            figures.Add($"bulk load up to {at:N0} x {Corpus.Dimensions}", (at - first) / watch.Elapsed.TotalSeconds, "1/s");
        }

        return at == size;
    }

    private static MemoryTransaction Make(Corpus corpus, int from, int size) =>
        new(Scope, [.. Enumerable.Range(from, Math.Min(Batch, size - from)).Select(i => new MemoryUpsert(corpus.Note(i)))]);
}
