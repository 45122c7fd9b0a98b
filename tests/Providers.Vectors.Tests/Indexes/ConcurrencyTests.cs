namespace Providers.Vectors.Tests;

public sealed class ConcurrencyTests
{
    public static TheoryData<int> Kinds => [0, 1, 2, 3];

    /// <summary>
    /// One id moves between two places, each version at another place: an upsert is one step, so a search finds the id exactly
    /// once, and never an older version than one that was complete before the search began.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Search_BesideAWriter_SeesEachUpsertAsOneStep(int kind)
    {
        const int D = 8, Versions = 3_000;
        using IVectorIndex index = Create(kind, D);
        long done = 0;
        using var stop = new CancellationTokenSource();
        index.Upsert(1, Place(0, D));
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var matches = new VectorMatch[4];
            while (!stop.IsCancellationRequested)
            {
                long before = Interlocked.Read(ref done);
                int found = index.Search(new float[D], matches);
                found.Should().Be(1);
                matches[0].Id.Should().Be(1);
                // Squared distance from the origin is the version.
                Math.Round(matches[0].Score).Should().BeGreaterThanOrEqualTo(before);
            }
        })).ToArray();
        for (int version = 1; version <= Versions; version++)
        {
            index.Upsert(1, Place(version, D));
            Interlocked.Exchange(ref done, version);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        await index.WhenIdleAsync();
        index.Count.Should().Be(1);
        index.GetStats().Deleted.Should().BeLessThan(Versions, "compaction frees replaced rows");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Index_ManyWritersReadersAndCompaction_EndsAsTheModel(int kind)
    {
        const int D = 16, PerWriter = 600;
        using IVectorIndex index = Create(kind, D);
        float[] data = TestData.Uniform(3 * PerWriter, D, 4);
        var writers = Enumerable.Range(0, 3).Select(w => Task.Run(() =>
        {
            for (int i = 0; i < PerWriter; i++)
            {
                int id = (w * PerWriter) + i;
                index.Upsert(id, TestData.Row(data, D, id));
                if (i % 3 == 0)
                {
                    index.Delete(id).Should().BeTrue();
                }
            }
        })).ToArray();
        var matches = new VectorMatch[10];
        while (!writers.All(w => w.IsCompleted))
        {
            int found = index.Search(TestData.Row(data, D, 1), matches);
            matches.Take(found).Select(m => m.Id).Should().OnlyHaveUniqueItems();
            await index.CompactAsync();
        }

        await Task.WhenAll(writers);
        await index.WhenIdleAsync();
        Dictionary<long, float[]> rows = TestData.Rows(data, D);
        foreach (long id in rows.Keys.Where(id => id % PerWriter % 3 == 0))
        {
            rows.Remove(id);
        }

        index.Count.Should().Be(rows.Count);
        TestData.Recall(index, rows, TestData.Uniform(10, D, 8), 10, new VectorSearchOptions { Expansion = 200, Rescore = 100 }).Should().BeGreaterThan(0.95);
    }

    private static float[] Place(int version, int dimensions)
    {
        var vector = new float[dimensions];
        vector[version % dimensions] = MathF.Sqrt(version);
        return vector;
    }

    private static IVectorIndex Create(int kind, int d)
    {
        var options = new VectorIndexOptions { Dimensions = d, Metric = VectorMetric.SquaredL2, QuantizeFrom = 300, GraphFrom = 600, OneBit = false };
        return kind switch
        {
            0 => new FlatIndex(options),
            1 => new QuantizedFlatIndex(options),
            2 => new HnswIndex(options),
            _ => new AdaptiveVectorIndex(options),
        };
    }
}
