using System.Diagnostics;
using Providers.Memory.Sqlite;

namespace Providers.Memory.Benchmarks;

/// <summary>Durable writes with 1, 8 and 64 writers, beside one commit for each write, and beside plain Microsoft.Data.Sqlite with one transaction for 64 writes into the same tables with the same indexes.</summary>
internal static class Writes
{
    private const int Total = 6_400, Rounds = 5;
    private static readonly MemoryScope Scope = new("bench");

    public static async Task RunAsync(string folder, Figures figures)
    {
        MemoryRecord[] notes = [.. Enumerable.Range(0, Total).Select(static i => new MemoryRecord { Id = $"n{i}", Text = $"note number {i} about topic {i % 97} and subject {i % 31}", Tags = [$"t{i % 10}"] })];
        await OursAsync(Path.Join(folder, "warm.db"), notes[..1280], 64);
        Raw(Path.Join(folder, "warm1.db"), notes[..1280], prepared: false);
        Raw(Path.Join(folder, "warm2.db"), notes[..1280], prepared: true);
        double naive = Naive(Path.Join(folder, "naive.db"), notes[..800]);
        Dictionary<int, List<double>> ours = new() { [1] = [], [8] = [], [64] = [] };
        List<double> raw = [], kept = [];
        for (int round = 0; round < Rounds; round++) // in turn, so that what else the machine does falls on all alike
        {
            raw.Add(Raw(Path.Join(folder, $"raw{round}.db"), notes, prepared: false));
            kept.Add(Raw(Path.Join(folder, $"kept{round}.db"), notes, prepared: true));
            foreach ((int writers, List<double> rates) in ours)
            {
                rates.Add(await OursAsync(Path.Join(folder, $"w{writers}-{round}.db"), writers == 1 ? notes[..800] : notes, writers));
            }
        }

        foreach ((int writers, List<double> rates) in ours)
        {
            figures.Add($"durable writes a second, {writers} writers", Median(rates), "1/s", naive);
            figures.Add($"durable writes, {writers} writers / one commit for each write", Median(rates) / naive, "x", null, writers == 64 ? 10 : null);
        }

        figures.Add("durable writes, 64 writers / Microsoft.Data.Sqlite, a transaction for 64, a command for each statement", Median([.. ours[64].Zip(raw, static (o, r) => o / r)]), "x", null, 0.8);
        figures.Add("durable writes, 64 writers / Microsoft.Data.Sqlite, a transaction for 64, commands kept prepared", Median([.. ours[64].Zip(kept, static (o, r) => o / r)]), "x", null, 0.8);
        figures.Add("Microsoft.Data.Sqlite, a transaction for 64, a command for each statement", Median(raw), "1/s");
        figures.Add("Microsoft.Data.Sqlite, a transaction for 64, commands kept prepared", Median(kept), "1/s");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<double> OursAsync(string path, MemoryRecord[] notes, int writers)
    {
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
        int next = -1;
        Stopwatch watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < notes.Length;)
            {
                await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(notes[i])])).ConfigureAwait(false);
            }
        })));
        return notes.Length / watch.Elapsed.TotalSeconds;
    }

    private static double Naive(string path, MemoryRecord[] notes)
    {
        using PlainSqlite plain = new(path, prepared: false);
        Stopwatch watch = Stopwatch.StartNew();
        foreach (MemoryRecord note in notes)
        {
            plain.Begin();
            plain.Insert(note);
            plain.Commit();
        }

        return notes.Length / watch.Elapsed.TotalSeconds;
    }

    private static double Raw(string path, MemoryRecord[] notes, bool prepared)
    {
        using PlainSqlite plain = new(path, prepared);
        Stopwatch watch = Stopwatch.StartNew();
        foreach (MemoryRecord[] chunk in notes.Chunk(64))
        {
            plain.Begin();
            foreach (MemoryRecord note in chunk)
            {
                plain.Insert(note);
            }

            plain.Commit();
        }

        return notes.Length / watch.Elapsed.TotalSeconds;
    }
}
