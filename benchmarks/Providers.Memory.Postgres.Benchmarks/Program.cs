using System.Diagnostics;
using System.Text.Json;
using Providers.Memory;
using Providers.Memory.Postgres;
using Providers.Memory.Postgres.Benchmarks;
using Providers.Memory.Postgres.Tests;

// args: result file, rows for PostgreSQL, rows for PGlite. Ours and plain SQL take turns on the same server with the same data.
const int dimensions = 384, batch = 1_000, rounds = 40;
MemoryScope scope = new("acme");
List<(string Name, double Value, string Unit, double Baseline, double AtLeast)> results = [];

void Compare(string name, double ours, double plain, string unit, double atLeast, bool lessIsBetter) =>
    results.Add(($"{name} / plain SQL ({ours:F1} {unit} against {plain:F1})", lessIsBetter ? plain / ours : ours / plain, "x", plain, atLeast));

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
    await using PlainSql plain = new(plainConnection, pgvector);
    await plain.CreateAsync(dimensions);
    List<double> ours = [], theirs = [];
    foreach (MemoryRecord[] chunk in new Corpus(5 * batch, dimensions).Notes.Chunk(batch))
    {
        // Neither is measured while its code is compiled.
        await store.ExecuteAsync(new MemoryTransaction(scope, [.. chunk.Select(static n => new MemoryUpsert(n with { Id = "warm" + n.Id }))]));
        await plain.LoadAsync([.. chunk.Select(static n => n with { Id = "warm" + n.Id })]);
    }

    foreach (MemoryRecord[] chunk in corpus.Notes.Chunk(batch))
    {
        ours.Add(await TimeAsync(async () => await store.ExecuteAsync(new MemoryTransaction(scope, [.. chunk.Select(static n => new MemoryUpsert(n))]))));
        theirs.Add(await TimeAsync(() => plain.LoadAsync(chunk)));
    }

    await store.Indexes.Idle;
    Compare($"{where}: bulk load of {rows}", rows * 1000.0 / ours.Sum(), rows * 1000.0 / theirs.Sum(), "rows/s", 0.9, lessIsBetter: false);
    if (pgvector)
    {
        await store.ReindexAsync();
        await plain.IndexAsync();
    }

    await plain.RunAsync("VACUUM ANALYZE");
    foreach ((string name, int words) in ((string, int)[])[("words, 3", 3), ("words, 8", 8), ("vector", 0), ("hybrid, 3 words", -3)])
    {
        (ours, theirs) = ([], []);
        int found = 0;
        for (int i = 0; i < rounds + 5; i++)
        {
            string text = corpus.Text(Math.Abs(words));
            float[] vector = corpus.Vector();
            double our = await TimeAsync(async () => found += (await store.SearchAsync(scope, words > 0 ? new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = text }
                : words == 0 ? new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = vector, VectorSpace = "s" } : new MemoryQuery { Text = text, Vector = vector, VectorSpace = "s" })).Count);
            double their = await TimeAsync(async () => found += (words == 0 ? 0 : await plain.WordsAsync(text)) + (words > 0 ? 0 : await plain.NearestAsync(vector)));
            if (i >= 5)
            {
                ours.Add(our);
                theirs.Add(their);
            }
        }

        Compare($"{where}: search, {name}, p50 of {rows}", Median(ours), Median(theirs), "ms", 0.9, lessIsBetter: true);
        Console.WriteLine($"{where} {name}: {found} found");
    }
}

int ownRows = int.Parse(args[1]), pgliteRows = int.Parse(args[2]);
if (Cluster.Missing is null)
{
    await using Cluster cluster = await Cluster.StartAsync();
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
