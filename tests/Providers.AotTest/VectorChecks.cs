using Providers.Vectors;

namespace Providers.AotTest;

/// <summary>Every index, filtered, checkpointed and opened again.</summary>
internal static class VectorChecks
{
    private const int Dimensions = 48;
    private const int Rows = 500;

    public static void Run()
    {
        string folder = Directory.CreateTempSubdirectory("aot-").FullName;
        try
        {
            Check("flat", o => new FlatIndex(o), folder);
            Check("quantized", o => new QuantizedFlatIndex(o), folder);
            Check("hnsw", o => new HnswIndex(o), folder);
            Check("adaptive", o => new AdaptiveVectorIndex(o), folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Check(string name, Func<VectorIndexOptions, VectorIndex> open, string folder)
    {
        var options = new VectorIndexOptions { Dimensions = Dimensions, Path = Path.Combine(folder, name), QuantizeFrom = 100, GraphFrom = 200 };
        float[] data = new float[Rows * Dimensions];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = MathF.Sin(i * 1.7f) + MathF.Cos(i * i * 0.01f);
        }

        using (VectorIndex index = open(options))
        {
            index.UpsertRange([.. Enumerable.Range(0, Rows).Select(i => (long)i)], data);
            index.Delete(3);
            index.WhenIdleAsync().GetAwaiter().GetResult();
            index.Checkpoint(7);
            index.Upsert(Rows, data.AsSpan(3 * Dimensions, Dimensions));
        }

        using VectorIndex again = open(options);
        var found = new VectorMatch[5];
        Expect(again.Watermark == 7 && again.Count == Rows, name, "count and watermark");
        Expect(again.Search(data.AsSpan(9 * Dimensions, Dimensions), found) == 5 && found[0].Id == 9, name, "search");
        var odd = new VectorSearchOptions { Filter = VectorFilter.FromPredicate(id => id % 2 == 1) };
        Expect(again.Search(data.AsSpan(9 * Dimensions, Dimensions), found, odd) == 5 && found.All(m => m.Id % 2 == 1), name, "filtered search");
        again.CompactAsync().GetAwaiter().GetResult();
        Expect(again.GetStats().Deleted == 0, name, "compaction");
    }

    private static void Expect(bool condition, string index, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"{index}: {what} went wrong.");
        }
    }
}
