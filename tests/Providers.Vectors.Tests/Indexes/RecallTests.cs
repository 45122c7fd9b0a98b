namespace Providers.Vectors.Tests;

public sealed class RecallTests
{
    private static IVectorIndex[] All(int d, VectorMetric metric = VectorMetric.Cosine) =>
    [
        new FlatIndex(new VectorIndexOptions { Dimensions = d, Metric = metric }),
        new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = d, Metric = metric, OneBit = false }),
        new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = d, Metric = metric }),
        new HnswIndex(new VectorIndexOptions { Dimensions = d, Metric = metric }),
        new HnswIndex(new VectorIndexOptions { Dimensions = d, Metric = metric, BFloat16 = true, BuildThreads = 1 }),
        new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = d, Metric = metric, QuantizeFrom = 500, GraphFrom = 1_000 }),
    ];

    [Theory]
    [InlineData(VectorMetric.Cosine)]
    [InlineData(VectorMetric.Dot)]
    [InlineData(VectorMetric.SquaredL2)]
    public async Task Search_EveryIndexOnThreeKindsOfData_FindsTheNearest(VectorMetric metric)
    {
        float[][] sets = [TestData.Uniform(2_000, 64, 1), TestData.Clustered(2_000, 128, 40, 2), TestData.TextLike(1_500, 256, 3)];
        int[] dimensions = [64, 128, 256];
        for (int s = 0; s < sets.Length; s++)
        {
            Dictionary<long, float[]> rows = TestData.Rows(sets[s], dimensions[s]);
            float[] queries = TestData.Row(sets[s], dimensions[s], 0).ToArray();
            queries = [.. Enumerable.Range(0, 20).SelectMany(q => Nudge(rows[q * 37], q))];
            foreach (IVectorIndex index in All(dimensions[s], metric))
            {
                index.UpsertRange(TestData.Ids(rows.Count), sets[s]);
                await index.WhenIdleAsync();
                double least = index.GetStats().Structure is "Bits" ? 0.9 : 0.97;
                TestData.Recall(index, rows, queries, 10, new VectorSearchOptions { Expansion = 200, Rescore = 200 })
                    .Should().BeGreaterThanOrEqualTo(least, "set {0}, {1}, {2}", s, index.GetType().Name, index.GetStats());
                TestData.Recall(index, rows, queries, 10, new VectorSearchOptions { Exact = true }).Should().BeGreaterThan(0.97);
                index.Dispose();
            }
        }
    }

    [Fact]
    public void Search_DimensionsOneTo130AndLarge_RecallHolds()
    {
        foreach (int d in (int[])[.. Enumerable.Range(1, 130), 384, 768, 1024, 1536, 3072])
        {
            int n = d > 130 ? 200 : 120;
            float[] data = TestData.Uniform(n, d, d);
            Dictionary<long, float[]> rows = TestData.Rows(data, d);
            foreach (IndexKind kind in (IndexKind[])[IndexKind.Exact, IndexKind.Graph, IndexKind.Quantized])
            {
                using IVectorIndex index = kind switch
                {
                    IndexKind.Exact => new FlatIndex(new VectorIndexOptions { Dimensions = d, Metric = VectorMetric.SquaredL2 }),
                    IndexKind.Graph => new HnswIndex(new VectorIndexOptions { Dimensions = d, Metric = VectorMetric.SquaredL2, BuildThreads = 1 }),
                    _ => new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = d, Metric = VectorMetric.SquaredL2 }),
                };
                index.UpsertRange(TestData.Ids(n), data);
                float[] queries = TestData.Uniform(3, d, d + 1_000);
                TestData.Recall(index, rows, queries, 5, new VectorSearchOptions { Rescore = n, Expansion = n })
                    .Should().BeGreaterThanOrEqualTo(0.93, "d = {0}, {1}", d, kind);
            }
        }
    }

    [Fact]
    public async Task Search_AfterHalfWasDeletedAndAddedAgain_RecallDecaysByLessThanHalfAPercent()
    {
        const int N = 3_000, D = 64;
        float[] data = TestData.Clustered(N, D, 60, 11), queries = TestData.Clustered(50, D, 60, 11);
        Dictionary<long, float[]> rows = TestData.Rows(data, D);
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = D });
        index.UpsertRange(TestData.Ids(N), data);
        double before = TestData.Recall(index, rows, queries, 10);
        foreach (long id in rows.Keys.Where(id => id % 2 == 0))
        {
            index.Delete(id).Should().BeTrue();
        }

        foreach (long id in rows.Keys.Where(id => id % 2 == 0))
        {
            index.Upsert(id, rows[id]);
        }

        await index.WhenIdleAsync();
        TestData.Recall(index, rows, queries, 10).Should().BeGreaterThanOrEqualTo(before - 0.005);
        await index.CompactAsync();
        index.GetStats().Deleted.Should().Be(0);
        TestData.Recall(index, rows, queries, 10).Should().BeGreaterThanOrEqualTo(before - 0.005);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(100_000)]
    public void Search_Filtered_AlwaysFindsKWhenKPass(int every)
    {
        const int N = 6_000, D = 48;
        float[] data = TestData.Clustered(N, D, 30, 5), queries = TestData.Clustered(20, D, 30, 5);
        Dictionary<long, float[]> rows = TestData.Rows(data, D);
        var filter = VectorFilter.FromIds([.. rows.Keys.Where(id => id % every == 1)]);
        foreach (IVectorIndex index in All(D))
        {
            index.UpsertRange(TestData.Ids(N), data);
            for (int again = 0; again < 2; again++)
            {
                TestData.Recall(index, rows, queries, 10, new VectorSearchOptions { Filter = filter, Expansion = 128 }, id => id % every == 1)
                    .Should().BeGreaterThanOrEqualTo(0.96, "{0}", index.GetStats());
                index.Upsert(N + 1, data.AsSpan(0, D));
                index.Delete(N + 1);
            }

            index.Dispose();
        }
    }

    [Fact]
    public void Search_FilterFarFromTheQuery_StillFindsTheNearestThatPass()
    {
        const int N = 6_000, D = 32;
        float[] data = TestData.Uniform(N, D, 9);
        Dictionary<long, float[]> rows = TestData.Rows(data, D);
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = D, Metric = VectorMetric.SquaredL2 });
        index.UpsertRange(TestData.Ids(N), data);
        float[] query = [.. Enumerable.Repeat(1f, D)];
        bool Passes(long id) => rows[id].Sum() < 0;
        TestData.Recall(index, rows, query, 10, new VectorSearchOptions { Filter = VectorFilter.FromPredicate(Passes), Expansion = 400 }, Passes)
            .Should().BeGreaterThanOrEqualTo(0.9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(33)]
    public void SearchBatch_AnyNumberOfQueries_EqualsSingleSearches(int count)
    {
        foreach (VectorMetric metric in Enum.GetValues<VectorMetric>())
        {
            foreach (int n in (int[])[1, 2, 5, 4_100])
            {
                const int D = 20;
                float[] data = TestData.Uniform(n, D, n), queries = TestData.Uniform(count, D, 77);
                using var index = new FlatIndex(new VectorIndexOptions { Dimensions = D, Metric = metric });
                index.UpsertRange(TestData.Ids(n), data);
                index.Delete(n - 1);
                VectorMatch[] batch = new VectorMatch[count * 3], one = new VectorMatch[3];
                index.SearchBatch(queries, 3, batch);
                for (int q = 0; q < count; q++)
                {
                    int found = index.Search(TestData.Row(queries, D, q), one);
                    batch.Skip(q * 3).Take(found).Select(m => m.Id).Should().Equal(one.Take(found).Select(m => m.Id), "n = {0}, q = {1}", n, q);
                    batch.Skip((q * 3) + found).Take(3 - found).All(m => m.Id == long.MinValue).Should().BeTrue();
                }
            }
        }
    }

    private static float[] Nudge(float[] vector, int seed)
    {
        var random = new Random(seed);
        return [.. vector.Select(v => v + (0.1f * (float)(random.NextDouble() - 0.5)))];
    }
}
