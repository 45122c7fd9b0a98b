using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Providers.Vectors;
using Providers.Vectors.Benchmarks;

// args: result file, folder with the peers, rows
string resultFile = args[0], peers = args[1];
(float[] data, float[] queries, int d) = BenchmarkData.Load(int.Parse(args[2]));
int n = data.Length / d, count = queries.Length / d;
long[] ids = [.. Enumerable.Range(0, n).Select(i => (long)i)];
Console.WriteLine($"{n} x {d}, {count} queries");
var rows = new List<(string Name, double Value, string Unit, double Baseline, double AtLeast)>();
var matches = new VectorMatch[10];
ReadOnlyMemory<float> Query(int i) => queries.AsMemory(i * d, d);

double Cpu(Action action)
{
    long start = CpuClock.Nanoseconds();
    action();
    return (CpuClock.Nanoseconds() - start) / 1e6;
}

double PerCall(int times, Action<int> action)
{
    var took = new double[times];
    for (int i = 0; i < times; i++)
    {
        took[i] = Cpu(() => action(i));
    }

    Array.Sort(took);
    return took[times / 2];
}

using var flat = new FlatIndex(new VectorIndexOptions { Dimensions = d });
flat.UpsertRange(ids, data);
var truth = new int[count * 10];
for (int i = 0; i < count; i++)
{
    flat.Search(Query(i).Span, matches);
    matches.Select(m => (int)m.Id).ToArray().CopyTo(truth, i * 10);
}

double Recall(int i, int found) => matches.Take(found).Count(m => truth.AsSpan(i * 10, 10).Contains((int)m.Id)) / 10.0;

// The peers first, on the same files.
File.WriteAllBytes(Path.Combine(peers, "base.f32"), MemoryMarshal.AsBytes(data.AsSpan()));
File.WriteAllBytes(Path.Combine(peers, "query.f32"), MemoryMarshal.AsBytes(queries.AsSpan()));
File.WriteAllBytes(Path.Combine(peers, "truth.i32"), MemoryMarshal.AsBytes(truth.AsSpan()));
using Process node = Process.Start(new ProcessStartInfo("node", [Path.Combine(peers, "peers.cjs"), peers, $"{n}", $"{d}"]) { RedirectStandardOutput = true })!;
JsonNode peer = JsonNode.Parse(node.StandardOutput.ReadToEnd())!;
double Peer(string name) => peer[name]!.GetValue<double>();

double sum = 0;
double read = PerCall(50, _ => sum += TensorPrimitives.Sum<float>(data)), exact = PerCall(100, i => flat.Search(Query(i % count).Span, matches));
rows.Add(("exact / memory bandwidth", read / exact, "x", 1, 0.9));
rows.Add(("exact / hnswlib exact", Peer("hnswlibExactMs") / exact, "x", Peer("hnswlibExactMs"), 1.2));
rows.Add(("exact / USearch exact", Peer("usearchExactMs") / exact, "x", Peer("usearchExactMs"), 1.2));
var many = new VectorMatch[320];
double batch = PerCall(15, _ => flat.SearchBatch(queries.AsSpan(0, 32 * d), 10, many));
rows.Add(("batch of 32 / USearch", 32_000 / batch / Peer("usearchBatchQps"), "x", Peer("usearchBatchQps"), 5));

foreach (bool oneBit in (bool[])[true, false])
{
    using var quantized = new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = d, OneBit = oneBit });
    quantized.UpsertRange(ids, data);
    double hits = 0;
    double took = PerCall(count, i => hits += Recall(i, quantized.Search(Query(i).Span, matches)));
    rows.Add(($"quantised flat {(oneBit ? "1-bit" : "int8")} / exact (recall {hits / count:F3})", exact / took, "x", exact, oneBit ? 12 : 0));
}

VectorIndexOptions Graph(int threads) => new() { Dimensions = d, BFloat16 = true, BuildThreads = threads };
using var graph = new HnswIndex(Graph(1));
double build = Cpu(() => graph.UpsertRange(ids, data));
rows.Add(("HNSW build / hnswlib", Peer("hnswlibBuildMs") / build, "x", Peer("hnswlibBuildMs"), 2.5));
rows.Add(("HNSW build / USearch", Peer("usearchBuildMs") / build, "x", Peer("usearchBuildMs"), 0));
var wall = Stopwatch.StartNew();
using (var one = new HnswIndex(Graph(1)))
{
    one.UpsertRange(ids, data);
}

double single = wall.Elapsed.TotalSeconds;
wall.Restart();
using (var two = new HnswIndex(Graph(2)))
{
    two.UpsertRange(ids, data);
}

rows.Add(("two-thread build / one (wall)", single / wall.Elapsed.TotalSeconds, "x", single, 1.7));
var curve = new List<(double Recall, double Qps)>();
foreach (int ef in (int[])[10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512])
{
    var options = new VectorSearchOptions { Expansion = ef };
    double hits = 0, took = Cpu(() =>
    {
        for (int i = 0; i < count; i++)
        {
            graph.Search(Query(i).Span, matches, options);
        }
    });
    for (int i = 0; i < count; i++)
    {
        hits += Recall(i, graph.Search(Query(i).Span, matches, options));
    }

    curve.Add((hits / count, count * 1000 / took));
}

var theirs = peer["hnswlib"]!.AsArray().Select(p => (p!["recall"]!.GetValue<double>(), p["qps"]!.GetValue<double>())).ToList();
foreach (double at in (double[])[0.95, 0.99])
{
    rows.Add(($"HNSW QPS at recall {at} / hnswlib", At(curve, at) / At(theirs, at), "x", At(theirs, at), 2.5));
}

JsonNode use = peer["usearch"]![0]!;
double useRecall = use["recall"]!.GetValue<double>(), useQps = use["qps"]!.GetValue<double>();
rows.Add(($"HNSW QPS at USearch's recall {useRecall:F3} / USearch", At(curve, useRecall) / useQps, "x", useQps, 4));
foreach ((int every, double atLeast) in ((int, double)[])[(2, 0), (10, 4), (100, 100)])
{
    var options = new VectorSearchOptions { Expansion = 32, Filter = VectorFilter.FromPredicate(id => id % every == 0) };
    graph.Search(Query(0).Span, matches, options);
    double took = PerCall(200, i => graph.Search(Query(i % count).Span, matches, options));
    rows.Add(($"filtered {100 / every} % / hnswlib", 1000 / took / Peer($"hnswlibFilter{every}Qps"), "x", Peer($"hnswlibFilter{every}Qps"), atLeast));
}

rows.Add(("bytes per vector, HNSW int8 + bf16", graph.GetStats().BytesPerVector, "bytes", 0, 0));
double alone = PerCall(300, i => graph.Search(Query(i % count).Span, matches));
using (var stop = new CancellationTokenSource())
{
    Task writer = Task.Run(() =>
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            graph.Upsert(i % n, data.AsSpan(i % n * d, d));
        }
    });
    double beside = PerCall(300, i => graph.Search(Query(i % count).Span, matches));
    stop.Cancel();
    writer.Wait();
    rows.Add(("search beside a writer / alone (CPU)", alone / beside, "x", alone, 0.8));
}

var table = new StringBuilder("| work | measured | at least |\n|---|---|---|\n");
foreach ((string name, double value, string unit, _, double atLeast) in rows)
{
    table.AppendLine($"| {name} | {value:F2} {unit} | {(atLeast > 0 ? $"{atLeast}" : "")} |");
}

Console.WriteLine(table);
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(resultFile))!);
File.WriteAllText(resultFile, new JsonArray([.. rows.Select(r => (JsonNode)new JsonObject
{
    ["name"] = r.Name, ["value"] = r.Value, ["unit"] = r.Unit, ["baseline"] = r.Baseline, ["ratio"] = r.Value, ["atLeast"] = r.AtLeast,
})]).ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
string results = Path.Combine("benchmarks", "results", BenchmarkData.Cpu());
Directory.CreateDirectory(results);
File.WriteAllText(Path.Combine(results, "vectors.md"), $"# Vectors: {n} x {d}, one thread, CPU time\nPeers: hnswlib-node 3.0.0, usearch 2.26.2 (npm). Taken on a shared machine.\n\n{table}");
File.WriteAllText(Path.Combine(results, "vectors.svg"), Chart.Draw(curve, theirs));

static double At(List<(double Recall, double Qps)> curve, double recall)
{
    double best = 0;
    for (int i = 0; i < curve.Count; i++)
    {
        if (curve[i].Recall >= recall)
        {
            best = Math.Max(best, curve[i].Qps);
        }
    }

    return best;
}
