using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors.Tests;

/// <summary>Whole indexes on whatever instruction path this process has; run again in children by the tests of the instruction sets.</summary>
public sealed class DispatchTests
{
    /// <summary>Set in a child to the instruction set it has to do without.</summary>
    internal const string Without = "VECTORS_WITHOUT";

    [Theory]
    [InlineData(VectorMetric.Cosine, false)]
    [InlineData(VectorMetric.SquaredL2, true)]
    public async Task Indexes_SearchBatchFilterAndCompact_FindTheNearest(VectorMetric metric, bool brain)
    {
        const int N = 700, D = 72;
        float[] data = TestData.Clustered(N, D, 20, 3), queries = TestData.Clustered(8, D, 20, 3);
        Dictionary<long, float[]> rows = TestData.Rows(data, D);
        VectorIndexOptions options = new() { Dimensions = D, Metric = metric, BFloat16 = brain, BuildThreads = 2, OneBit = !brain };
        foreach (IVectorIndex index in (IVectorIndex[])[new FlatIndex(options), new QuantizedFlatIndex(options), new HnswIndex(options)])
        {
            index.UpsertRange(TestData.Ids(N), data);
            TestData.Recall(index, rows, queries, 5, new VectorSearchOptions { Rescore = 200 }).Should().BeGreaterThanOrEqualTo(0.97);
            TestData.Recall(index, rows, queries, 5, new VectorSearchOptions { Filter = VectorFilter.FromPredicate(id => id % 5 == 0) }, id => id % 5 == 0)
                .Should().BeGreaterThanOrEqualTo(0.95);
            VectorMatch[] batch = new VectorMatch[8 * 5], one = new VectorMatch[5];
            index.SearchBatch(queries, 5, batch);
            index.Search(TestData.Row(queries, D, 7), one);
            batch.Skip(35).Select(m => m.Id).Should().Equal(one.Select(m => m.Id));
            for (int id = 0; id < N; id += 4)
            {
                index.Delete(id);
            }

            await index.CompactAsync();
            index.GetStats().Deleted.Should().Be(0);
            var left = rows.Where(r => r.Key % 4 != 0).ToDictionary();
            TestData.Recall(index, left, queries, 5, new VectorSearchOptions { Rescore = 200 }).Should().BeGreaterThanOrEqualTo(0.97);
            index.Dispose();
        }
    }

    [Fact]
    public void Process_InstructionSetsItWasStartedWithout_AreOff()
    {
        bool off = Environment.GetEnvironmentVariable(Without) switch
        {
            "AVXVNNI" => !AvxVnni.IsSupported,
            "AVX512" => !Avx512F.IsSupported && !Vector512.IsHardwareAccelerated,
            "AVX2" => !Avx2.IsSupported,
            "everything" => !Vector128.IsHardwareAccelerated && !Sse42.IsSupported,
            _ => true,
        };
        off.Should().BeTrue();
    }
}
