using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Recall against queries per second, by the number of candidates kept; at one thread in CPU time, at two in wall time.</summary>
internal static class CurveStage
{
    private const int Passes = 4;
    private static readonly int[] Expansions = [10, 12, 16, 20, 24, 32, 48, 64, 128, 256];

    public static void One(StageContext context)
    {
        (HnswIndex index, float[] queries, int[] truth) = Load(context);
        using PeerProcess peers = context.Peers();
        JsonArray ours = [], hnswlib = [], usearch = [];
        foreach (int expansion in Expansions)
        {
            // In turns, and the best pass of each: neighbours on the machine only ever slow one down.
            JsonObject? mine = null, first = null, second = null;
            for (int pass = 0; pass < Passes; pass++)
            {
                mine = Better(mine, Measure(index, queries, truth, new VectorSearchOptions { Expansion = expansion }));
                first = Better(first, peers.Ask(Command("hnswlib", expansion, null)));
                second = Better(second, peers.Ask(Command("usearch", expansion, null)));
            }

            ours.Add(Tagged(mine!, expansion));
            hnswlib.Add(Tagged(first!, expansion));
            usearch.Add(Tagged(second!, expansion));
        }

        context.Save("curve", new JsonObject { ["ours"] = ours, ["hnswlib"] = hnswlib, ["usearch"] = usearch });
        index.Dispose();
    }

    /// <summary>Two searching threads of ours, two processes of each peer.</summary>
    public static void Two(StageContext context)
    {
        (HnswIndex index, float[] queries, int[] truth) = Load(context);
        using PeerProcess first = context.Peers(), second = context.Peers();
        JsonArray ours = [], hnswlib = [], usearch = [];
        foreach (int expansion in (int[])[10, 16, 32, 64, 128, 256])
        {
            var options = new VectorSearchOptions { Expansion = expansion };
            foreach (bool warm in (bool[])[true, false])
            {
                JsonObject[] mine = new JsonObject[2];
                Thread[] threads = [.. Enumerable.Range(0, 2).Select(t => new Thread(() => mine[t] = Measure(index, queries, truth, options)))];
                Array.ForEach(threads, t => t.Start());
                Array.ForEach(threads, t => t.Join());
                JsonObject sumHnswlib = Both("hnswlib"), sumUsearch = Both("usearch");
                if (!warm)
                {
                    ours.Add(Tagged(Sum(mine[0], mine[1]), expansion));
                    hnswlib.Add(Tagged(sumHnswlib, expansion));
                    usearch.Add(Tagged(sumUsearch, expansion));
                }

                JsonObject Both(string peer)
                {
                    first.Send(Command(peer, expansion, warm ? 30 : null));
                    second.Send(Command(peer, expansion, warm ? 30 : null));
                    return Sum(first.Receive(), second.Receive());
                }
            }
        }

        context.Save("curve-two", new JsonObject { ["ours"] = ours, ["hnswlib"] = hnswlib, ["usearch"] = usearch });
        index.Dispose();
    }

    public static (HnswIndex Index, float[] Queries, int[] Truth) Load(StageContext context)
    {
        // Read once into memory of its own, as after a build: mapped pages are small ones.
        var index = new HnswIndex(context.Graph(1, context.Checkpoint));
        index.CompactAsync().Wait();
        return (index, context.Set.Queries(), context.Set.Truth(1));
    }

    private static JsonObject Measure(HnswIndex index, float[] queries, int[] truth, VectorSearchOptions options)
    {
        int d = index.Dimensions, count = queries.Length / d;
        var found = new VectorMatch[count * BenchmarkSet.Top];
        var wall = Stopwatch.StartNew();
        double ms = CpuClock.Of(() =>
        {
            for (int i = 0; i < count; i++)
            {
                index.Search(queries.AsSpan(i * d, d), found.AsSpan(i * BenchmarkSet.Top, BenchmarkSet.Top), options);
            }
        });
        double wallMs = wall.Elapsed.TotalMilliseconds, hits = 0;
        for (int i = 0; i < count; i++)
        {
            hits += StageContext.Recall(truth, i, found.AsSpan(i * BenchmarkSet.Top, BenchmarkSet.Top));
        }

        return new JsonObject { ["recall"] = hits / count, ["qps"] = count * 1000 / ms, ["wallQps"] = count * 1000 / wallMs };
    }

    private static JsonObject Command(string peer, int expansion, int? times) =>
        new() { ["verb"] = "search", ["peer"] = peer, ["ef"] = expansion, ["times"] = times };

    private static JsonObject Better(JsonObject? best, JsonObject next) =>
        best is null || next["qps"]!.GetValue<double>() > best["qps"]!.GetValue<double>() ? next : best;

    private static JsonObject Sum(JsonObject a, JsonObject b) =>
        new() { ["recall"] = a["recall"]!.GetValue<double>(), ["qps"] = a["wallQps"]!.GetValue<double>() + b["wallQps"]!.GetValue<double>() };

    private static JsonObject Tagged(JsonObject point, int expansion)
    {
        point["ef"] = expansion;
        return point;
    }
}
