using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Only some rows may be found: for each engine the fastest setting that reaches a recall of 0.99.</summary>
internal static class FilterStage
{
    public static void Run(StageContext context)
    {
        (HnswIndex index, float[] queries, _) = CurveStage.Load(context);
        using PeerProcess peers = context.Peers();
        int d = context.Set.Dimensions, count = Math.Min(200, queries.Length / d);
        var found = new VectorMatch[BenchmarkSet.Top];
        var figures = new JsonObject();
        foreach (int every in BenchmarkSet.Filters.Where(f => f > 1))
        {
            int[] truth = context.Set.Truth(every);
            var filter = VectorFilter.FromPredicate(id => BenchmarkSet.Passes(id, every));
            JsonObject mine = FirstGood(expansion =>
            {
                var options = new VectorSearchOptions { Expansion = expansion, Filter = filter };
                double hits = 0;
                for (int i = 0; i < count; i++)
                {
                    hits += StageContext.Recall(truth, i, found.AsSpan(0, index.Search(queries.AsSpan(i * d, d), found, options)));
                }

                double ms = Enumerable.Range(0, 4).Min(_ => CpuClock.Of(() =>
                {
                    for (int i = 0; i < count; i++)
                    {
                        index.Search(queries.AsSpan(i * d, d), found, options);
                    }
                }));
                return new JsonObject { ["recall"] = hits / count, ["qps"] = count * 1000 / ms };
            });
            JsonObject theirs = FirstGood(expansion => Enumerable.Range(0, 4).Select(_ => peers.Ask(
                new JsonObject { ["verb"] = "search", ["peer"] = "hnswlib", ["ef"] = expansion, ["every"] = every, ["times"] = every == 100 ? 20 : 100 })).MaxBy(f => f["qps"]!.GetValue<double>())!);
            figures[$"{100 / every}"] = new JsonObject { ["ours"] = mine, ["hnswlib"] = theirs };
        }

        context.Save("filter", figures);
        index.Dispose();
    }

    private static JsonObject FirstGood(Func<int, JsonObject> measure)
    {
        JsonObject result = [];
        foreach (int expansion in (int[])[10, 16, 24, 32, 48, 64, 96, 128, 192])
        {
            result = measure(expansion);
            result["ef"] = expansion;
            if (result["recall"]!.GetValue<double>() >= 0.99)
            {
                break;
            }
        }

        return result;
    }
}
