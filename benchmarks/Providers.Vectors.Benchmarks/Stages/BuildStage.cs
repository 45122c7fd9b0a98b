using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Linking a graph: CPU time of one thread, and wall time of one and two.</summary>
internal static class BuildStage
{
    /// <summary>Links the next part of the rows with one thread and adds up the CPU time; complete when the last row is in.</summary>
    public static void Part(StageContext context, string engine, int rowsAtOnce)
    {
        string stage = "build-" + engine, partial = context.Set.File(stage + ".part");
        JsonObject before = File.Exists(partial) ? JsonNode.Parse(File.ReadAllText(partial))!.AsObject() : new JsonObject { ["rows"] = 0, ["ms"] = 0.0 };
        int from = before["rows"]!.GetValue<int>(), to = Math.Min(context.Set.Rows, from + rowsAtOnce);
        JsonObject done = engine == "ours" ? Ours(context, from, to) : Peer(context, engine, from, to);
        done["rows"] = to;
        done["ms"] = before["ms"]!.GetValue<double>() + done["ms"]!.GetValue<double>();
        Console.WriteLine($"{context.Set.Name} {stage} {to:N0} rows, {done["ms"]!.GetValue<double>():F0} ms");
        File.WriteAllText(partial, done.ToJsonString());
        if (to == context.Set.Rows)
        {
            context.Save(stage, done);
            File.Delete(partial);
        }
    }

    private static JsonObject Peer(StageContext context, string peer, int from, int to)
    {
        using PeerProcess peers = context.Peers();
        return peers.Ask(new JsonObject { ["verb"] = "build", ["peer"] = peer, ["from"] = from, ["to"] = to });
    }

    private static JsonObject Ours(StageContext context, int from, int to)
    {
        if (from == 0)
        {
            File.Delete(context.Checkpoint);
        }

        int d = context.Set.Dimensions;
        float[] data = context.Set.Base();
        // A million rows on two threads, smaller sets on one; either way the CPU time of all threads is what counts.
        using var index = new HnswIndex(context.Graph(context.Set.Rows > 100_000 ? 2 : 1, context.Checkpoint));
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        index.UpsertRange(StageContext.Ids(to).AsSpan(from), data.AsSpan(from * d, (to - from) * d));
        double ms = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds;
        index.Checkpoint();
        VectorIndexStats stats = index.GetStats();
        return new JsonObject
        {
            ["ms"] = ms,
            ["bytes"] = stats.BytesPerVector,
            ["vectorBytes"] = stats.VectorBytesPerVector,
            ["codeBytes"] = stats.CodeBytesPerVector,
            ["graphBytes"] = stats.GraphBytesPerVector,
            ["idBytes"] = stats.IdBytesPerVector,
        };
    }

    /// <summary>One thread against two, in wall time, in turns: the round whose ratio is the middle one. Wants a quiet machine.</summary>
    public static void Two(StageContext context)
    {
        float[] data = context.Set.Base();
        int rows = Math.Min(context.Set.Rows, 50_000);
        long[] ids = StageContext.Ids(rows);
        List<(double[] Wall, double[] Cpu)> rounds = [];
        for (int round = 0; round < 5; round++)
        {
            double[] wall = new double[3], cpu = new double[3];
            foreach (int threads in (int[])[2, 1])
            {
                using var index = new HnswIndex(context.Graph(threads));
                TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
                var watch = Stopwatch.StartNew();
                index.UpsertRange(ids, data.AsSpan(0, rows * context.Set.Dimensions));
                (wall[threads], cpu[threads]) = (watch.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
            }

            rounds.Add((wall, cpu));
            Console.WriteLine($"one {wall[1]:F2} s ({cpu[1]:F2} s of CPU), two {wall[2]:F2} s ({cpu[2]:F2} s of CPU): {wall[1] / wall[2]:F2} x");
        }

        (double[] middle, double[] used) = rounds.OrderBy(static r => r.Wall[1] / r.Wall[2]).ElementAt(rounds.Count / 2);
        context.Save("build-threads", new JsonObject { ["rows"] = rows, ["one"] = middle[1], ["two"] = middle[2], ["oneCpu"] = used[1], ["twoCpu"] = used[2] });
    }
}
