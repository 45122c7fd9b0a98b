using System.Diagnostics;

namespace Providers.Vectors.Tests;

/// <summary>Child processes die by kill -9 while they log and checkpoint; what they acknowledged on stdout must be there. VECTORS_KILLS sets how many.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("VECTORS_KILLS") is { Length: > 0 } many ? int.Parse(many) : 100;

    private const int D = 16;

    private static VectorIndexOptions Options(string path) => new() { Dimensions = D, Path = path, BuildThreads = 1, BuildExpansion = 16, Links = 8 };

    [Fact]
    public void Index_KilledWhileWriting_KeepsWhatItAcknowledged()
    {
        using var folder = new TempFolder();
        string path = folder.File("index");
        long acknowledged = -1;
        for (int round = 0; round < Kills; round++)
        {
            var random = new Random(round);
            using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
            {
                ArgumentList = { "--list-tests" },
                Environment = { ["VECTORS_KILL_CHILD"] = path, ["VECTORS_KILL_FROM"] = (acknowledged + 1).ToString(), ["DOTNET_TieredPGO"] = "0" },
                RedirectStandardOutput = true,
            })!;
            int writes = random.Next(1, 60);
            for (int i = 0; i < writes && child.StandardOutput.ReadLine() is { } line; i++)
            {
                acknowledged = long.Parse(line);
            }

            child.Kill();
            child.WaitForExit();
            while (child.StandardOutput.ReadLine() is { } line)
            {
                acknowledged = long.TryParse(line, out long more) ? Math.Max(acknowledged, more) : acknowledged;
            }

            using var index = new HnswIndex(Options(path));
            var stored = new float[D];
            for (long id = 0; id <= acknowledged; id++)
            {
                index.TryGet(id, stored).Should().BeTrue("round {0}: {1} of {2} was acknowledged", round, id, acknowledged);
                TestData.Score(VectorMetric.Cosine, stored, TestData.Uniform(1, D, (int)id)).Should().BeApproximately(1, 1e-5);
            }

            index.Search(TestData.Uniform(1, D, 0), new VectorMatch[5]).Should().BePositive();
            // One write after the last acknowledged may have been complete as well.
            index.Count.Should().BeInRange((int)acknowledged + 1, (int)acknowledged + 2);
            acknowledged = index.Count - 1;
        }

        output.WriteLine($"{Kills} kills, {acknowledged + 1} vectors acknowledged, none lost");
    }

    /// <summary>What the child does, started by the module initialiser before the runner.</summary>
    internal static void Child(string path, long from)
    {
        using var index = new HnswIndex(Options(path));
        using Stream output = Console.OpenStandardOutput();
        for (long id = from; ; id++)
        {
            index.Upsert(id, TestData.Uniform(1, D, (int)id));
            output.Write(System.Text.Encoding.ASCII.GetBytes(id + "\n"));
            if (id % 7 == 6)
            {
                index.Checkpoint(id);
            }
        }
    }
}

internal static class KillChild
{
    [System.Runtime.CompilerServices.ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable("VECTORS_KILL_CHILD") is { } path)
        {
            KillTests.Child(path, long.Parse(Environment.GetEnvironmentVariable("VECTORS_KILL_FROM")!));
        }
    }
}
