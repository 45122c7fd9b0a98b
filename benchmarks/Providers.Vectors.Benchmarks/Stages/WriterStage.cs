using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Searches while one writer upserts without a pause: rows that are new, and rows that replace others, with compaction as it comes.</summary>
internal static class WriterStage
{
    public static void Run(StageContext context)
    {
        (HnswIndex index, float[] queries, _) = CurveStage.Load(context);
        float[] data = context.Set.Base();
        int d = context.Set.Dimensions, rows = context.Set.Rows;
        var figures = new JsonObject();
        (figures["aloneWall"], figures["alone"]) = Searches(index, queries, TimeSpan.FromSeconds(4));
        foreach ((string name, int seconds) in ((string, int)[])[("adding", 6), ("replacing", 16)])
        {
            using var stop = new CancellationTokenSource();
            long written = 0;
            var writer = new Thread(() =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    index.Upsert(name == "adding" ? rows + i : i % rows, data.AsSpan(i % rows * d, d));
                    written++;
                }
            });
            writer.Start();
            (figures[name + "Wall"], figures[name]) = Searches(index, queries, TimeSpan.FromSeconds(seconds));
            stop.Cancel();
            writer.Join();
            figures[name + "WritesPerSecond"] = written / (double)seconds;
            index.WhenIdleAsync().Wait();
        }

        (figures["aloneAfterWall"], figures["aloneAfter"]) = Searches(index, queries, TimeSpan.FromSeconds(4));
        context.Save("writer", figures);
        index.Dispose();
    }

    /// <summary>Queries per second of wall time, and of the searching thread's CPU time.</summary>
    private static (double Wall, double Cpu) Searches(HnswIndex index, float[] queries, TimeSpan time)
    {
        int d = index.Dimensions, count = queries.Length / d, done = 0;
        var found = new VectorMatch[BenchmarkSet.Top];
        var wall = System.Diagnostics.Stopwatch.StartNew();
        double cpu = CpuClock.Of(() =>
        {
            while (wall.Elapsed < time)
            {
                for (int i = 0; i < 20; i++)
                {
                    index.Search(queries.AsSpan(done++ % count * d, d), found);
                }
            }
        });
        return (done / wall.Elapsed.TotalSeconds, done * 1_000 / cpu);
    }
}
