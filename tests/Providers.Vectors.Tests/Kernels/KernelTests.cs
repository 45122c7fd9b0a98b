using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors.Tests;

/// <summary>Every instruction path this processor has against the scalar oracle.</summary>
public sealed unsafe class KernelTests
{
    public static TheoryData<int> Dimensions => [.. Enumerable.Range(1, 130), 384, 768, 1024, 1536, 3072, 16_384];

    [Theory]
    [MemberData(nameof(Dimensions))]
    public void Kernels_EveryPath_MatchTheScalarOracle(int dimensions)
    {
        Compare<Kernels128>(dimensions);
        Compare<Kernels512>(dimensions);
        if (Avx2.IsSupported)
        {
            Compare<Kernels256>(dimensions);
        }
    }

    private static void Compare<TKernels>(int dimensions)
        where TKernels : struct, IKernels
    {
        int padded = (dimensions + 31) & ~31;
        var random = new Random(dimensions);
        var x = new NativeBlock(padded * 4 * sizeof(float));
        var y = new NativeBlock(padded * 4 * sizeof(float));
        float* a = (float*)x.Pointer, b = (float*)y.Pointer;
        for (int i = 0; i < padded * 4; i++)
        {
            (a[i], b[i]) = i % padded < dimensions ? ((float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f) : (0, 0);
        }

        float* tile = stackalloc float[12], expected = stackalloc float[12];
        TKernels.Tile(a, padded, b, padded, padded, tile);
        KernelsScalar.Tile(a, padded, b, padded, padded, expected);
        float tolerance = 1e-6f * (10 + dimensions);
        for (int i = 0; i < 12; i++)
        {
            tile[i].Should().BeApproximately(expected[i], tolerance);
        }

        TKernels.Dot(a, b, padded).Should().BeApproximately(KernelsScalar.Dot(a, b, padded), tolerance);
        var half = new NativeBlock(padded * sizeof(ushort));
        ushort* h = (ushort*)half.Pointer;
        for (int i = 0; i < padded; i++)
        {
            h[i] = BFloat16.FromSingle(b[i]);
        }

        TKernels.DotBFloat16(a, h, padded).Should().BeApproximately(KernelsScalar.DotBFloat16(a, h, padded), tolerance);
        TKernels.SquaredL2BFloat16(a, h, padded).Should().BeApproximately(KernelsScalar.SquaredL2BFloat16(a, h, padded), tolerance);

        sbyte* s = (sbyte*)x.Pointer, t = (sbyte*)y.Pointer;
        for (int i = 0; i < padded; i++)
        {
            // The extremes must not saturate a 16-bit pair.
            (s[i], t[i]) = dimensions % 3 == 0 ? ((sbyte)-127, (sbyte)127) : ((sbyte)random.Next(-127, 128), (sbyte)random.Next(-127, 128));
        }

        TKernels.DotInt8(s, t, padded, TKernels.Bias(t, padded)).Should().Be(KernelsScalar.DotInt8(s, t, padded, 0));

        int groups = BitQuantizer.Padded(dimensions) / 4;
        var block = new NativeBlock(groups * 32);
        var table = new NativeBlock(groups * 16);
        random.NextBytes(new Span<byte>(block.Pointer, groups * 32));
        new Span<byte>(table.Pointer, groups * 16).Fill(255);
        if (dimensions % 2 == 0)
        {
            random.NextBytes(new Span<byte>(table.Pointer, groups * 16));
        }

        uint* sums = stackalloc uint[64], oracle = stackalloc uint[64];
        TKernels.ScanBits(block.Pointer, table.Pointer, groups, sums);
        KernelsScalar.ScanBits(block.Pointer, table.Pointer, groups, oracle);
        new Span<uint>(sums, 64).SequenceEqual(new Span<uint>(oracle, 64)).Should().BeTrue();
        GC.KeepAlive((x, y, half, block, table));
    }

    [Fact]
    public void Searcher_EveryPath_FindsTheSameRows()
    {
        foreach (IndexStage stage in (IndexStage[])[IndexStage.Exact, IndexStage.Int8, IndexStage.Bits, IndexStage.Graph])
        {
            var options = new VectorIndexOptions { Dimensions = 96, BFloat16 = stage is IndexStage.Int8 or IndexStage.Graph, OneBit = stage is IndexStage.Bits };
            using var engine = new VectorEngine(options, stage switch { IndexStage.Exact => IndexKind.Exact, IndexStage.Graph => IndexKind.Graph, _ => IndexKind.Quantized });
            float[] data = TestData.Clustered(1_000, 96, 20, 7);
            engine.Upsert(TestData.Ids(1_000), data);
            var plan = new SearchPlan(VectorMetric.Cosine, 64, 0, false, null);
            VectorMatch[] a = new VectorMatch[10], b = new VectorMatch[10], c = new VectorMatch[10];
            Searcher<KernelsScalar>.Search(engine.View, TestData.Row(data, 96, 5), a, plan).Should().Be(10);
            Searcher<Kernels128>.Search(engine.View, TestData.Row(data, 96, 5), b, plan).Should().Be(10);
            Searcher<Kernels512>.Search(engine.View, TestData.Row(data, 96, 5), c, plan).Should().Be(10);
            b.Select(m => m.Id).Should().Equal(a.Select(m => m.Id));
            c.Select(m => m.Id).Should().Equal(a.Select(m => m.Id));
        }
    }

    [Fact]
    public void Graph_EveryPath_BuildsTheSameLinks()
    {
        float[] data = TestData.Clustered(600, 40, 12, 3);
        double[] recalls = [Build<KernelsScalar>(data), Build<Kernels128>(data), Build<Kernels512>(data)];
        recalls.Should().OnlyContain(r => r > 0.95);
    }

    private static double Build<TKernels>(float[] data)
        where TKernels : struct, IKernels
    {
        var layout = new RowLayout(40, VectorMetric.SquaredL2, false, 16);
        var rows = new RowSet(layout, new BitQuantizer(40, 1)) { CodedRows = 0 };
        for (int i = 0; i < 600; i++)
        {
            rows.Append(i, TestData.Row(data, 40, i));
        }

        var graph = new HnswGraph(rows, 64, 1);
        HnswBuilder<TKernels>.Link(graph, 600, 2);
        var view = new View(rows, rows.Chunks, 600, 600, 1, IndexStage.Graph, graph.View);
        int hits = 0;
        var found = new VectorMatch[1];
        for (int i = 0; i < 600; i += 10)
        {
            Searcher<TKernels>.Search(view, TestData.Row(data, 40, i), found, new SearchPlan(VectorMetric.SquaredL2, 32, 0, false, null));
            hits += found[0].Id == i ? 1 : 0;
        }

        return hits / 60.0;
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    [InlineData(-3.14159f)]
    [InlineData(1e-40f)]
    [InlineData(float.MaxValue)]
    [InlineData(float.MinValue)]
    public void BFloat16_RoundTrip_StaysFiniteAndNear(float value)
    {
        float back = BFloat16.ToSingle(BFloat16.FromSingle(value));
        float.IsFinite(back).Should().BeTrue();
        back.Should().BeApproximately(value, (Math.Abs(value) / 128) + 1e-40f, "subnormals keep seven bits at most");
    }
}
