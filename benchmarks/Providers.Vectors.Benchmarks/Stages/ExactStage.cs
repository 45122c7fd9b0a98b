using System.Numerics.Tensors;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Scans without a graph, ours and the peers' in turns, so that a noisy minute hits all of them.</summary>
internal static class ExactStage
{
    private const int Rounds = 7;
    private const int Each = 7;

    public static void Run(StageContext context)
    {
        BenchmarkSet set = context.Set;
        int d = set.Dimensions, rows = set.Rows;
        float[] data = set.Base(), queries = set.Queries();
        int[] truth = set.Truth(1);
        int count = queries.Length / d;
        long[] ids = StageContext.Ids(rows);
        using var flat = new FlatIndex(new VectorIndexOptions { Dimensions = d });
        flat.UpsertRange(ids, data);
        using var bits = new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = d });
        bits.UpsertRange(ids, data);
        using var codes = new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = d, OneBit = false });
        codes.UpsertRange(ids, data);
        var bandwidth = new Bandwidth((long)rows * d * sizeof(float));
        using PeerProcess peers = context.Peers();
        using var sqlite = SqliteVec.Open(set.File("sqlite-vec.db"), set.Dimensions, context.Modules, data);
        Memory<float> Query(int i) => queries.AsMemory(i % count * d, d);
        var found = new VectorMatch[BenchmarkSet.Top];
        var many = new VectorMatch[32 * BenchmarkSet.Top];
        var work = new (string Name, Func<int, double> Milliseconds)[]
        {
            ("read", from => CpuClock.Median(Each, _ => bandwidth.Read())),
            ("ours", from => CpuClock.Median(Each, i => flat.Search(Query(from + i).Span, found))),
            ("loop", from => CpuClock.Median(3, i => Loop(data, Query(from + i).Span))),
            ("primitives", from => CpuClock.Median(Each, i => bandwidth.Dots(Query(from + i).Span))),
            ("hnswlib", from => peers.Number(new JsonObject { ["verb"] = "exact", ["peer"] = "hnswlib", ["from"] = from, ["times"] = Each }, "ms")),
            ("usearch", from => peers.Number(new JsonObject { ["verb"] = "exact", ["peer"] = "usearch", ["from"] = from, ["times"] = Each }, "ms")),
            ("bits", from => CpuClock.Median(60, i => bits.Search(Query(from + i).Span, found))),
            ("int8", from => CpuClock.Median(30, i => codes.Search(Query(from + i).Span, found))),
            ("batch", from => CpuClock.Of(() => flat.SearchBatch(queries.AsSpan(0, 32 * d), BenchmarkSet.Top, many))),
            ("usearchBatch", from => 32_000 / peers.Number(new JsonObject { ["verb"] = "batch", ["size"] = 32 }, "qps")),
        };
        var took = work.ToDictionary(w => w.Name, _ => new double[Rounds]);
        for (int round = -1; round < Rounds; round++)
        {
            foreach ((string name, Func<int, double> milliseconds) in work)
            {
                double ms = milliseconds((round + 1) * Each);
                if (round >= 0)
                {
                    took[name][round] = ms;
                }
            }
        }

        var figures = new JsonObject();
        foreach ((string name, _) in work)
        {
            figures[name] = took[name].Min(); // the quietest round of each: neighbours only ever slow one down
        }

        figures["sqliteVec"] = sqlite is null ? null : CpuClock.Median(3, i => sqlite.Search(Query(i).Span, found));
        foreach ((string name, IVectorIndex index) in ((string, IVectorIndex)[])[("exactRecall", flat), ("bitsRecall", bits), ("int8Recall", codes)])
        {
            double hits = 0;
            for (int i = 0; i < count; i++)
            {
                hits += StageContext.Recall(truth, i, found.AsSpan(0, index.Search(Query(i).Span, found)));
            }

            figures[name] = hits / count;
        }

        figures["gigabytesPerSecond"] = (double)rows * d * sizeof(float) / 1e6 / figures["read"]!.GetValue<double>();
        context.Save("exact", figures);
    }

    /// <summary>What a user writes first: TensorPrimitives over one array and a heap.</summary>
    private static void Loop(float[] data, ReadOnlySpan<float> query)
    {
        var best = new PriorityQueue<int, float>();
        for (int row = 0; row < data.Length / query.Length; row++)
        {
            float score = TensorPrimitives.CosineSimilarity(query, data.AsSpan(row * query.Length, query.Length));
            if (best.Count < BenchmarkSet.Top)
            {
                best.Enqueue(row, score);
            }
            else if (best.TryPeek(out _, out float least) && score > least)
            {
                best.EnqueueDequeue(row, score);
            }
        }
    }
}
