using System.Text.Json;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>What every stage gets: the set, the peers, and where its figures go.</summary>
internal sealed class StageContext(BenchmarkSet set, string modules)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public BenchmarkSet Set { get; } = set;

    public string Modules { get; } = modules;

    public PeerProcess Peers() => new(Set, Modules);

    public VectorIndexOptions Graph(int threads, string? path = null) =>
        new() { Dimensions = Set.Dimensions, BFloat16 = true, BuildThreads = threads, Path = path, OwnLog = false };

    public string Checkpoint => Set.File("ours.index");

    public static long[] Ids(int rows) => [.. Enumerable.Range(0, rows).Select(i => (long)i)];

    public void Save(string stage, JsonObject figures)
    {
        string text = figures.ToJsonString(Indented);
        Console.WriteLine($"{Set.Name} {stage} {figures.ToJsonString()}");
        File.WriteAllText(Set.File(stage + ".json"), text);
    }

    /// <summary>The figures of a stage, or null when it did not run.</summary>
    public JsonObject? Figures(string stage)
    {
        string path = Set.File(stage + ".json");
        return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : null;
    }

    /// <summary>The share of the true ten nearest among what was found.</summary>
    public static double Recall(ReadOnlySpan<int> truth, int query, ReadOnlySpan<VectorMatch> found)
    {
        int hits = 0;
        foreach (VectorMatch match in found)
        {
            hits += truth.Slice(query * BenchmarkSet.Top, BenchmarkSet.Top).Contains((int)match.Id) ? 1 : 0;
        }

        return hits / (double)BenchmarkSet.Top;
    }
}
