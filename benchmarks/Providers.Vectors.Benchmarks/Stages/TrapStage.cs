using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>What users trip over, the same for all: delete 95 %, add them again, and a filter whose rows lie far from the query.</summary>
internal static class TrapStage
{
    public static void Run(StageContext context)
    {
        using PeerProcess peers = context.Peers();
        var figures = new JsonObject
        {
            ["hnswlib"] = peers.Ask(new JsonObject { ["verb"] = "traps", ["peer"] = "hnswlib" }),
            ["usearch"] = peers.Ask(new JsonObject { ["verb"] = "traps", ["peer"] = "usearch" }),
        };
        int d = context.Set.Dimensions, rows = Math.Min(8_000, context.Set.Rows);
        float[] data = context.Set.Base()[..(rows * d)], queries = context.Set.Queries();
        using var index = new HnswIndex(context.Graph(1));
        index.UpsertRange(StageContext.Ids(rows), data);
        using var exact = new FlatIndex(new VectorIndexOptions { Dimensions = d });
        exact.UpsertRange(StageContext.Ids(rows), data);
        JsonObject Score(int only, VectorFilter? filter)
        {
            double found = 0, hits = 0;
            VectorMatch[] mine = new VectorMatch[BenchmarkSet.Top], truth = new VectorMatch[BenchmarkSet.Top];
            for (int i = 0; i < only; i++)
            {
                ReadOnlySpan<float> query = queries.AsSpan(i * d, d);
                int count = index.Search(query, mine, new VectorSearchOptions { Filter = filter }), most = exact.Search(query, truth, new VectorSearchOptions { Filter = filter });
                found += count;
                hits += mine.Take(count).Count(m => truth.Take(most).Any(t => t.Id == m.Id));
            }

            return new JsonObject { ["found"] = found / only, ["recall"] = hits / only / BenchmarkSet.Top };
        }

        var result = new JsonObject { ["fresh"] = Score(30, null) };
        var all = new VectorMatch[rows];
        exact.Search(queries.AsSpan(0, d), all);
        result["correlated"] = Score(1, VectorFilter.FromIds([.. all.TakeLast(rows / 50).Select(m => m.Id)]));
        for (int i = 0; i < rows; i++)
        {
            if (i % 20 != 0)
            {
                index.Delete(i);
                exact.Delete(i);
            }
        }

        result["deleted"] = Score(30, null);
        for (int i = 0; i < rows; i++)
        {
            if (i % 20 != 0)
            {
                index.Upsert(i, data.AsSpan(i * d, d));
                exact.Upsert(i, data.AsSpan(i * d, d));
            }
        }

        index.WhenIdleAsync().Wait();
        result["again"] = Score(30, null);
        figures["ours"] = result;
        context.Save("traps", figures);
    }
}
