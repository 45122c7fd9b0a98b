using System.Diagnostics;
using System.Text.Json;
using Providers.Memory;
using Providers.Memory.Postgres;
using Providers.Memory.Postgres.Benchmarks;
using Providers.Memory.Postgres.Tests;

// args: result file, rows for PostgreSQL, rows for PGlite. BENCH_POSTGRES: an empty database of a server without pgvector, instead of one of its own. Ours and plain SQL take turns on the same server with the same data.
const int dimensions = 384, batch = 1_000, rounds = 40, warm = 10;
MemoryScope scope = new("acme");
List<(string Name, double Value, string Unit, double Baseline, double AtLeast)> results = [];

void Compare(string name, PlainSql peer, double ours, double plain, string unit, bool lessIsBetter) =>
    results.Add(($"{name} / {peer.Name} ({ours:F1} {unit} against {plain:F1})", lessIsBetter ? plain / ours : ours / plain, "x", plain, 0.9));

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

async Task<double> TimeAsync(Func<Task> action)
{
    long start = Stopwatch.GetTimestamp();
    await action();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

async Task RunAsync(string where, string ourConnection, string plainConnection, int rows, bool pgvector)
{
    Corpus corpus = new(rows, dimensions);
    await using PostgresMemoryStore store = new(new PostgresMemoryOptions { ConnectionString = ourConnection, IndexFrom = rows });
    await store.GetStatsAsync(scope);
    await using PlainSql bare = new(plainConnection, pgvector, equal: false), equal = new(plainConnection, pgvector, equal: true);
    PlainSql[] peers = [bare, equal];
    foreach (PlainSql peer in peers)
    {
        await peer.CreateAsync(dimensions);
    }

    Task LoadAsync(int side, MemoryRecord[] chunk) => side == 0 ? store.ExecuteAsync(new MemoryTransaction(scope, [.. chunk.Select(static n => new MemoryUpsert(n))])).AsTask() : peers[side - 1].LoadAsync(chunk);
    Task<int> SearchAsync(int side, string text, float[] vector, int words) => side > 0
        ? PlainAsync(peers[side - 1], text, vector, words)
        : OursAsync(words > 0 ? new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = text }
            : words == 0 ? new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = vector, VectorSpace = "s" } : new MemoryQuery { Text = text, Vector = vector, VectorSpace = "s" });
    async Task<int> OursAsync(MemoryQuery query) => (await store.SearchAsync(scope, query)).Count;
    static async Task<int> PlainAsync(PlainSql peer, string text, float[] vector, int words) => (words == 0 ? 0 : await peer.WordsAsync(text)) + (words > 0 ? 0 : await peer.NearestAsync(vector));

    List<double>[] Taken() => [.. Enumerable.Range(0, 1 + peers.Length).Select(static _ => new List<double>())];
    List<double>[] took = Taken();
    int round = 0;
    foreach (MemoryRecord[] chunk in new Corpus(warm * batch, dimensions).Notes.Chunk(batch).Select(static c => c.Select(static n => n with { Id = "warm" + n.Id }).ToArray()).Concat(corpus.Notes.Chunk(batch)))
    {
        for (int i = 0; i < took.Length; i++)
        {
            int side = (round + i) % took.Length; // each goes first in its turn
            double ms = await TimeAsync(() => LoadAsync(side, chunk));
            if (round >= warm)
            {
                took[side].Add(ms); // none is measured while its code is compiled
            }
        }

        round++;
    }

    await store.Indexes.Idle;
    for (int i = 0; i < peers.Length; i++)
    {
        Compare($"{where}: bulk load of {rows}", peers[i], rows * 1000.0 / took[0].Sum(), rows * 1000.0 / took[i + 1].Sum(), "rows/s", lessIsBetter: false);
    }

    if (pgvector)
    {
        await store.ReindexAsync();
        foreach (PlainSql peer in peers)
        {
            await peer.IndexAsync();
        }
    }

    await bare.RunAsync("VACUUM ANALYZE");
    foreach ((string name, int words) in ((string, int)[])[("words, 3", 3), ("words, 8", 8), ("vector", 0), ("hybrid, 3 words", -3)])
    {
        took = Taken();
        int[] found = new int[took.Length];
        for (round = 0; round < rounds + 5; round++)
        {
            string text = corpus.Text(Math.Abs(words));
            float[] vector = corpus.Vector();
            for (int i = 0; i < took.Length; i++)
            {
                int side = (round + i) % took.Length;
                double ms = await TimeAsync(async () => found[side] += await SearchAsync(side, text, vector, words));
                if (round >= 5)
                {
                    took[side].Add(ms);
                }
            }
        }

        for (int i = 0; i < peers.Length; i++)
        {
            Compare($"{where}: search, {name}, p50 of {rows}", peers[i], Median(took[0]), Median(took[i + 1]), "ms", lessIsBetter: true);
        }

        Console.WriteLine($"{where} {name}: {string.Join(", ", found)} found");
    }
}

int ownRows = int.Parse(args[1]), pgliteRows = int.Parse(args[2]);
if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is { Length: > 0 } server)
{
    await RunAsync("PostgreSQL", server, server, ownRows, pgvector: false);
}
else if (Cluster.Missing is null)
{
    await using Cluster cluster = await Cluster.StartAsync(durable: true);
    await RunAsync("PostgreSQL 15", cluster.Owner, cluster.Superuser, ownRows, pgvector: false);
}

if (Pglite.Missing is null && pgliteRows > 0)
{
    await using Pglite pglite = await Pglite.StartAsync();
    await RunAsync("PGlite + pgvector", pglite.ConnectionString, pglite.ConnectionString, pgliteRows, pgvector: true);
}

foreach (var r in results)
{
    Console.WriteLine($"{r.Value,8:F2} {r.Unit}  {(r.Value >= r.AtLeast ? "ok  " : "LOW ")} {r.Name}");
}

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[0]))!);
await using FileStream file = File.Create(args[0]);
await using Utf8JsonWriter writer = new(file, new JsonWriterOptions { Indented = true });
writer.WriteStartArray();
foreach (var r in results)
{
    writer.WriteStartObject();
    writer.WriteString("name", r.Name);
    writer.WriteNumber("value", Math.Round(r.Value, 3));
    writer.WriteString("unit", r.Unit);
    writer.WriteNumber("baseline", Math.Round(r.Baseline, 3));
    writer.WriteNumber("ratio", Math.Round(r.Value, 3));
    writer.WriteNumber("atLeast", r.AtLeast);
    writer.WriteEndObject();
}

writer.WriteEndArray();
