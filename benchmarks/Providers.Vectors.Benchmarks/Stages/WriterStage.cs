using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>
/// Searches alone and beside one writer that never pauses, in turns: rows that are new, and rows that replace others. A turn beside the
/// writer lasts until the compaction it caused is over.
/// </summary>
internal static class WriterStage
{
    private const int Turns = 6;
    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(1.5);

    public static void Run(StageContext context)
    {
        (HnswIndex index, float[] queries, _) = CurveStage.Load(context);
        float[] data = context.Set.Base();
        int rows = context.Set.Rows, written = 0;
        var figures = new JsonObject();
        foreach ((string name, TimeSpan beside) in ((string, TimeSpan)[])[("adding", TimeSpan.FromSeconds(2)), ("replacing", TimeSpan.FromSeconds(5))])
        {
            Count without = default, with = default;
            int before = written;
            for (int turn = 0; turn < Turns; turn++)
            {
                without += Searches(index, queries, wall => wall >= Alone);
                bool stop = false;
                var writer = new Thread(() =>
                {
                    while (!Volatile.Read(ref stop))
                    {
                        index.Upsert(name == "adding" ? rows + written : written % rows, Changed(data, context.Set.Dimensions, written, rows));
                        written++;
                    }
                });
                writer.Start();
                Task idle = Task.CompletedTask;
                with += Searches(index, queries, wall =>
                {
                    if (wall >= beside && !stop)
                    {
                        Volatile.Write(ref stop, true);
                        writer.Join();
                        idle = index.WhenIdleAsync();
                    }

                    return stop && idle.IsCompleted;
                });
            }

            figures[name] = new JsonObject
            {
                ["alone"] = without.PerCpuSecond,
                ["beside"] = with.PerCpuSecond,
                ["aloneWall"] = without.PerSecond,
                ["besideWall"] = with.PerSecond,
                ["writes"] = (written - before) / (Turns * beside.TotalSeconds),
            };
        }

        context.Save("writer", figures);
        index.Dispose();
    }

    /// <summary>A stored vector, moved a little so that no two are equal.</summary>
    private static float[] Changed(float[] data, int dimensions, int number, int rows)
    {
        float[] vector = data.AsSpan(number % rows * dimensions, dimensions).ToArray();
        vector[number % dimensions] += 0.05f;
        return vector;
    }

    private static Count Searches(HnswIndex index, float[] queries, Func<TimeSpan, bool> over)
    {
        int d = index.Dimensions, count = queries.Length / d, done = 0;
        var found = new VectorMatch[BenchmarkSet.Top];
        var wall = Stopwatch.StartNew();
        double cpu = CpuClock.Of(() =>
        {
            while (!over(wall.Elapsed))
            {
                for (int i = 0; i < 20; i++)
                {
                    index.Search(queries.AsSpan(done++ % count * d, d), found);
                }
            }
        });
        return new Count(done, wall.Elapsed.TotalSeconds, cpu / 1_000);
    }

    /// <summary>Searches, and the seconds of wall and of the searching thread's CPU time they took.</summary>
    private readonly record struct Count(int Done, double Wall, double Cpu)
    {
        public double PerSecond => Done / Wall;

        public double PerCpuSecond => Done / Cpu;

        public static Count operator +(Count x, Count y) => new(x.Done + y.Done, x.Wall + y.Wall, x.Cpu + y.Cpu);
    }
}
