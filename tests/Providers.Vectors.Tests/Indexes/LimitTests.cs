using Microsoft.Extensions.Time.Testing;

namespace Providers.Vectors.Tests;

public sealed class LimitTests
{
    private static FlatIndex Flat(int d = 4, VectorMetric metric = VectorMetric.Cosine) => new(new VectorIndexOptions { Dimensions = d, Metric = metric });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Upsert_NotFinite_NamesTheComponent(float value)
    {
        using FlatIndex index = Flat();
        Action write = () => index.Upsert(1, [0, value, 0, 0]);
        write.Should().Throw<ArgumentException>().WithMessage("Component 1 *");
        Action read = () => index.Search([0, value, 0, 0], new VectorMatch[1]);
        read.Should().Throw<ArgumentException>().WithMessage("Component 1 *");
        index.Count.Should().Be(0);
    }

    [Fact]
    public void Upsert_WrongLength_SaysExpectedAndGot()
    {
        using FlatIndex index = Flat();
        FluentActions.Invoking(() => index.Upsert(1, [1, 2])).Should().Throw<ArgumentException>().WithMessage("*2 components*1 x 4*");
        FluentActions.Invoking(() => index.Search([1, 2], new VectorMatch[1])).Should().Throw<ArgumentException>().WithMessage("*2 components*expected 4*");
        FluentActions.Invoking(() => index.SearchBatch([1, 2], 1, new VectorMatch[1])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => index.SearchBatch([1, 2, 3, 4], 0, new VectorMatch[1])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => index.TryGet(1, new float[2])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Upsert_ZeroVector_IsRefusedByCosineOnly()
    {
        using FlatIndex cosine = Flat(), dot = Flat(metric: VectorMetric.Dot);
        FluentActions.Invoking(() => cosine.Upsert(1, new float[4])).Should().Throw<ArgumentException>().WithMessage("*no direction*");
        dot.Upsert(1, new float[4]);
        dot.Count.Should().Be(1);
    }

    [Fact]
    public void Upsert_ExtremeMagnitudes_CosineStaysFinite()
    {
        using FlatIndex index = Flat();
        index.UpsertRange([1, 2], [1e38f, 1e38f, 1e38f, 3e38f, 1e-40f, 0, 0, 0]);
        var found = new VectorMatch[2];
        index.Search([1e-30f, 0, 0, 0], found).Should().Be(2);
        found[0].Id.Should().Be(2);
        found.Should().OnlyContain(m => float.IsFinite(m.Score));
        using FlatIndex dot = Flat(metric: VectorMetric.Dot);
        FluentActions.Invoking(() => dot.Upsert(1, [3e38f, 0, 0, 0])).Should().Throw<ArgumentException>().WithMessage("*range of float32*");
    }

    [Fact]
    public void Upsert_OverTheCap_IsRefusedWithBothNumbers()
    {
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = 8, MaxMemoryBytes = 2_000 });
        Action fill = () =>
        {
            for (int i = 0; i < 100; i++)
            {
                index.Upsert(i, TestData.Uniform(1, 8, i));
            }
        };
        fill.Should().Throw<InvalidOperationException>().WithMessage("*2000*MaxMemoryBytes*");
        index.GetStats().TotalBytes.Should().BeLessThanOrEqualTo(2_000);
    }

    [Fact]
    public async Task Adaptive_CapTooSmallForCodes_StaysExactAndGoesOn()
    {
        // 600 rows of 8 floats, padded to 16: vectors, ids and table take some 60 kB; codes and links would be over the cap.
        using var index = new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = 8, MaxMemoryBytes = 70_000, QuantizeFrom = 100, GraphFrom = 200 });
        index.UpsertRange(TestData.Ids(600), TestData.Uniform(600, 8, 3));
        await index.WhenIdleAsync();
        index.GetStats().Structure.Should().Be("Exact");
        index.GetStats().TotalBytes.Should().BeLessThanOrEqualTo(70_000);
        using var roomy = new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = 8, MaxMemoryBytes = 1_000_000, QuantizeFrom = 100, GraphFrom = 200 });
        roomy.UpsertRange(TestData.Ids(600), TestData.Uniform(600, 8, 3));
        await roomy.WhenIdleAsync();
        roomy.GetStats().Structure.Should().Be("Graph");
    }

    [Theory]
    [InlineData(0, "Int8")]
    [InlineData(1, "Exact")]
    public async Task Adaptive_CapAtWhatCodesNeed_TakesThemAndOneByteLessDoesNot(int less, string structure)
    {
        async Task<VectorIndexStats> FillAsync(long cap)
        {
            using var index = new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = 8, MaxMemoryBytes = cap, QuantizeFrom = 100, GraphFrom = 1_000, Clock = new FakeTimeProvider() });
            for (int i = 0; i < 100; i++)
            {
                index.Upsert(i, TestData.Uniform(1, 8, i));
            }

            await index.WhenIdleAsync();
            return index.GetStats();
        }

        long needed = (await FillAsync(long.MaxValue)).TotalBytes;
        VectorIndexStats stats = await FillAsync(needed - less);
        stats.Structure.Should().Be(structure);
        stats.TotalBytes.Should().BeLessThanOrEqualTo(needed - less);
    }

    [Fact]
    public void Stats_PerVector_PartsAddUp()
    {
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = 100 });
        VectorIndexStats empty = index.GetStats();
        (empty.VectorBytesPerVector + empty.CodeBytesPerVector + empty.GraphBytesPerVector + empty.IdBytesPerVector).Should().Be(0);
        index.UpsertRange(TestData.Ids(50), TestData.Uniform(50, 100, 1));
        VectorIndexStats stats = index.GetStats();
        stats.VectorBytesPerVector.Should().Be((112 * 4) + 4, "112 padded floats and a norm");
        stats.CodeBytesPerVector.Should().Be(128 + 4, "128 padded codes and a scale");
        stats.GraphBytesPerVector.Should().BeGreaterThanOrEqualTo((32 * 4) + 4, "32 links and a slot number");
        stats.IdBytesPerVector.Should().BeGreaterThan(16, "an id, a version and the table");
        (stats.VectorBytesPerVector + stats.CodeBytesPerVector + stats.GraphBytesPerVector + stats.IdBytesPerVector).Should().BeApproximately(stats.BytesPerVector, 1e-9);
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Action[] wrong =
        [
            () => _ = new VectorIndexOptions { Dimensions = 0 },
            () => _ = new VectorIndexOptions { Dimensions = 16_385 },
            () => _ = new VectorIndexOptions { Dimensions = 1, Links = 7 },
            () => _ = new VectorIndexOptions { Dimensions = 1, Links = 6 },
            () => _ = new VectorIndexOptions { Dimensions = 1, BuildExpansion = 1 },
            () => _ = new VectorIndexOptions { Dimensions = 1, BuildThreads = 0 },
            () => _ = new VectorIndexOptions { Dimensions = 1, MaxMemoryBytes = 0 },
            () => _ = new VectorIndexOptions { Dimensions = 1, CompactionThreshold = double.NaN },
            () => _ = new VectorIndexOptions { Dimensions = 1, QuantizeFrom = 0 },
            () => _ = new VectorIndexOptions { Dimensions = 1, GraphFrom = 0 },
            () => _ = new VectorSearchOptions { Expansion = 0 },
            () => _ = new VectorSearchOptions { Rescore = -1 },
        ];
        foreach (Action action in wrong)
        {
            action.Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    [Fact]
    public void Stats_GraphWithBFloat16At768_TakesAtMost2500BytesAVector()
    {
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = 768, BFloat16 = true, BuildExpansion = 16 });
        index.UpsertRange(TestData.Ids(2_000), TestData.Uniform(2_000, 768, 1));
        index.GetStats().BytesPerVector.Should().BeLessThanOrEqualTo(2_500);
    }

    [Fact]
    public void Index_EmptyOrDisposed_AnswersPlainly()
    {
        HnswIndex index = new(new VectorIndexOptions { Dimensions = 4 });
        index.Search([1, 0, 0, 0], new VectorMatch[3]).Should().Be(0);
        index.UpsertRange([], []);
        index.GetStats().BytesPerVector.Should().Be(0);
        index.Dimensions.Should().Be(4);
        FluentActions.Invoking(() => index.Checkpoint()).Should().Throw<InvalidOperationException>().WithMessage("*Path*");
        index.Dispose();
        index.Dispose();
        FluentActions.Invoking(() => index.Upsert(1, [1, 0, 0, 0])).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => index.Search([1, 0, 0, 0], new VectorMatch[3])).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Upsert_SixteenThousandDimensions_IsFound()
    {
        float[] data = TestData.Uniform(3, 16_384, 2);
        foreach (IVectorIndex index in (IVectorIndex[])[Flat(16_384), new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = 16_384 }), new HnswIndex(new VectorIndexOptions { Dimensions = 16_384 })])
        {
            index.UpsertRange([10, 11, 12], data);
            var found = new VectorMatch[1];
            index.Search(TestData.Row(data, 16_384, 1), found).Should().Be(1);
            found[0].Id.Should().Be(11);
            index.Dispose();
        }
    }

    /// <summary>An index that nobody writes to any more: what its searches take decides whether it moves on.</summary>
    [Fact]
    public async Task Adaptive_OnlySearched_MovesOnWhenSearchesTakeLong()
    {
        using var index = new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = 8, QuantizeFrom = 1_000, GraphFrom = 2_000, Clock = new SlowClock() });
        index.UpsertRange(TestData.Ids(300), TestData.Uniform(300, 8, 5));
        float[] query = TestData.Uniform(1, 8, 6);
        await index.WhenIdleAsync();
        index.GetStats().Structure.Should().Be("Exact", "it is small, and no search has taken long yet");
        var matches = new VectorMatch[5];
        for (int i = 0; i < 64; i++)
        {
            index.Search(query, matches).Should().Be(5);
            await index.WhenIdleAsync();
        }

        index.GetStats().Structure.Should().Be("Graph");
    }

    /// <summary>Each reading is three milliseconds after the last one.</summary>
    private sealed class SlowClock : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => Interlocked.Add(ref _now, 3 * TimestampFrequency / 1_000);
    }
}
