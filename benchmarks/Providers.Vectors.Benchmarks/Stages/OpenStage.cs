using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>From nothing to the first answer, each time in a new process.</summary>
internal static partial class OpenStage
{
    public static void Run(StageContext context, string[] arguments)
    {
        var figures = new JsonObject { ["bytes"] = new FileInfo(context.Checkpoint).Length };
        foreach (bool evict in (bool[])[false, true])
        {
            double[] inside = new double[3], whole = new double[3];
            for (int i = 0; i < 3; i++)
            {
                if (evict)
                {
                    Evict(context.Checkpoint);
                }

                var clock = Stopwatch.StartNew();
                using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. arguments[..2], "open-child", arguments[3]]) { RedirectStandardOutput = true })!;
                inside[i] = double.Parse(child.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
                whole[i] = clock.Elapsed.TotalMilliseconds;
                child.WaitForExit();
            }

            string name = evict ? "evicted" : "cached";
            (figures[name], figures[name + "WithProcess"]) = (CpuClock.Median(inside), CpuClock.Median(whole));
        }

        using PeerProcess peers = context.Peers();
        foreach (string peer in (string[])["hnswlib", "usearch"])
        {
            // A million rows take the peers half an hour to build: they are asked where their graph is there.
            if (context.Figures("build-" + peer) is not null)
            {
                figures[peer] = peers.Number(new JsonObject { ["verb"] = "open", ["peer"] = peer }, "ms");
            }
        }

        context.Save("open", figures);
    }

    public static void Child(StageContext context)
    {
        float[] query = context.Set.Queries()[..context.Set.Dimensions];
        var clock = Stopwatch.StartNew();
        using var index = new HnswIndex(context.Graph(1, context.Checkpoint));
        if (index.Search(query, new VectorMatch[BenchmarkSet.Top]) != BenchmarkSet.Top)
        {
            throw new InvalidOperationException("The opened index found too little.");
        }

        Console.WriteLine(clock.Elapsed.TotalMilliseconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Asks the system to forget what it has cached of a file.</summary>
    private static void Evict(string path)
    {
        using FileStream file = File.OpenRead(path);
        file.Flush(flushToDisk: true);
        _ = Forget((int)file.SafeFileHandle.DangerousGetHandle(), 0, 0, 4);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Forget(int file, nint offset, nint length, int advice);
}
