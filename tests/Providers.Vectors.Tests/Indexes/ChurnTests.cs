namespace Providers.Vectors.Tests;

/// <summary>Compaction carries a graph over instead of building it anew: what was found before must be found after.</summary>
public sealed class ChurnTests(ITestOutputHelper output)
{
    /// <summary>One thread and compaction on call: the figures are the same in every run.</summary>
    [Theory]
    [InlineData("uniform", false)]
    [InlineData("uniform", true)]
    [InlineData("clustered", false)]
    [InlineData("clustered", true)]
    [InlineData("text", false)]
    [InlineData("text", true)]
    public async Task Churn_FiveRoundsOfDeletingAndAddingHalf_RecallDecaysByLessThanHalfAPercent(string set, bool compactBetween)
    {
        const int N = 2_000, D = 64, Queries = 200;
        float[] data = set switch
        {
            "uniform" => TestData.Uniform(N + Queries, D, 61),
            "clustered" => TestData.Clustered(N + Queries, D, 40, 62),
            _ => TestData.TextLike(N + Queries, D, 63),
        };
        float[] queries = data[(N * D)..];
        Dictionary<long, float[]> rows = TestData.Rows(data[..(N * D)], D);
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = D, CompactionThreshold = 1, BuildThreads = 1 });
        index.UpsertRange(TestData.Ids(N), data.AsSpan(0, N * D));
        double before = TestData.Recall(index, rows, queries, 10);
        for (int round = 0; round < 5; round++)
        {
            long[] half = [.. rows.Keys.Where(id => id % 2 == round % 2)];
            Array.ForEach(half, id => index.Delete(id).Should().BeTrue());
            if (compactBetween)
            {
                await index.CompactAsync();
            }

            Array.ForEach(half, id => index.Upsert(id, rows[id]));
            await index.CompactAsync();
            if (round % 2 != 0)
            {
                continue;
            }

            double after = TestData.Recall(index, rows, queries, 10);
            output.WriteLine($"{set}, round {round}: {before:F4} -> {after:F4}");
            after.Should().BeGreaterThanOrEqualTo(before - 0.005, "round {0}", round);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Compaction_ManyRoundsOfReplacingATenth_RecallHolds(bool brain)
    {
        const int N = 2_500, D = 48;
        float[] data = TestData.Clustered(N, D, 50, 21), queries = TestData.Clustered(40, D, 50, 21);
        Dictionary<long, float[]> rows = TestData.Rows(data, D);
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = D, BFloat16 = brain, CompactionThreshold = 1, BuildThreads = 1 });
        index.UpsertRange(TestData.Ids(N), data);
        double before = TestData.Recall(index, rows, queries, 10);
        for (int round = 0; round < 10; round++)
        {
            foreach (long id in rows.Keys.Where(id => id % 10 == round))
            {
                index.Delete(id).Should().BeTrue();
                index.Upsert(id, rows[id]);
            }

            await index.CompactAsync();
            index.GetStats().Deleted.Should().Be(0);
        }

        TestData.Recall(index, rows, queries, 10).Should().BeGreaterThanOrEqualTo(before - 0.005);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.45)]
    [InlineData(0.9)]
    [InlineData(1)]
    public async Task Compaction_AfterDeletingAShare_FindsTheRest(double share)
    {
        const int N = 2_000, D = 32;
        float[] data = TestData.Clustered(N, D, 40, 22), queries = TestData.Clustered(30, D, 40, 22);
        Dictionary<long, float[]> rows = TestData.Rows(data, D);
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = D, CompactionThreshold = 1, Links = 16 });
        index.UpsertRange(TestData.Ids(N), data);
        for (int id = 0; id < N * share; id++)
        {
            index.Delete(id * 1_001L % N).Should().BeTrue();
            rows.Remove(id * 1_001L % N);
        }

        double before = TestData.Recall(index, rows, queries, 10, new VectorSearchOptions { Expansion = 100 });
        await index.CompactAsync();
        VectorIndexStats stats = index.GetStats();
        (stats.Count, stats.Deleted).Should().Be((rows.Count, 0));
        if (rows.Count > 0)
        {
            TestData.Recall(index, rows, queries, 10, new VectorSearchOptions { Expansion = 100 }).Should().BeGreaterThanOrEqualTo(before - 0.005);
        }

        index.Upsert(-5, data.AsSpan(0, D));
        var found = new VectorMatch[1];
        index.Search(data.AsSpan(0, D), found).Should().Be(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Compaction_QuantizedCodes_AreCarriedOver(bool oneBit)
    {
        const int N = 300, D = 128;
        float[] data = TestData.Clustered(N, D, 10, 23), queries = TestData.Clustered(10, D, 10, 23);
        using var index = new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = D, OneBit = oneBit, CompactionThreshold = 1 });
        using var fresh = new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = D, OneBit = oneBit });
        index.UpsertRange(TestData.Ids(N), data);
        for (int id = 0; id < N; id++)
        {
            if (id % 3 == 0)
            {
                index.Delete(id);
            }
            else
            {
                fresh.Upsert(id, TestData.Row(data, D, id));
            }
        }

        await index.CompactAsync();
        VectorMatch[] a = new VectorMatch[10], b = new VectorMatch[10];
        for (int q = 0; q < 10; q++)
        {
            index.Search(TestData.Row(queries, D, q), a).Should().Be(10);
            fresh.Search(TestData.Row(queries, D, q), b);
            a.Should().Equal(b);
        }
    }

    [Fact]
    public async Task Compaction_BesideAWriter_LosesNothing()
    {
        const int N = 3_000, D = 16;
        float[] data = TestData.Uniform(N, D, 24);
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = D, CompactionThreshold = 0.05, BuildExpansion = 32 });
        index.UpsertRange(TestData.Ids(N / 2), data.AsSpan(0, N / 2 * D));
        for (int id = 0; id < N; id++)
        {
            index.Upsert(id, TestData.Row(data, D, id));
            if (id % 5 == 0)
            {
                index.Delete(id).Should().BeTrue();
            }
        }

        await index.WhenIdleAsync();
        var stored = new float[D];
        for (int id = 0; id < N; id++)
        {
            index.TryGet(id, stored).Should().Be(id % 5 != 0);
        }

        index.Count.Should().Be(N - (N / 5));
        index.GetStats().Deleted.Should().BeLessThan(N / 10, "compaction went on beside the writer");
    }
}
