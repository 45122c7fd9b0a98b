using System.Runtime.InteropServices;

namespace Providers.Vectors.Tests;

/// <summary>Recall on embeddings of real text, near-duplicates included.</summary>
public sealed class TextRecallTests(ITestOutputHelper output)
{
    private static readonly float[] Base = Read("text768.base.f16bin"), Queries = Read("text768.query.f16bin");

    [Fact]
    public async Task Search_EveryIndexOnRealText_FindsTheNearestAlsoAfterChurn()
    {
        const int D = 768;
        Dictionary<long, float[]> rows = TestData.Rows(Base, D);
        VectorIndexOptions options = new() { Dimensions = D, BFloat16 = true };
        foreach (IVectorIndex index in (IVectorIndex[])
            [new FlatIndex(options), new QuantizedFlatIndex(options), new QuantizedFlatIndex(new VectorIndexOptions { Dimensions = D, OneBit = false }), new HnswIndex(options)])
        {
            index.UpsertRange(TestData.Ids(rows.Count), Base);
            double before = TestData.Recall(index, rows, Queries, 10);
            before.Should().BeGreaterThanOrEqualTo(0.98, "{0}; ties between near-duplicates cost a little", index.GetStats());
            for (int round = 0; round < 3; round++)
            {
                foreach (long id in rows.Keys.Where(id => id % 2 == round % 2))
                {
                    index.Delete(id);
                    index.Upsert(id, rows[id]);
                }

                await index.WhenIdleAsync();
                double after = TestData.Recall(index, rows, Queries, 10);
                output.WriteLine($"{index.GetType().Name} round {round}: {before:F4} -> {after:F4}");
                after.Should().BeGreaterThanOrEqualTo(before - 0.005);
            }

            index.Dispose();
        }
    }

    private static float[] Read(string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", name));
        return [.. MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(8)).ToArray().Select(h => (float)h)];
    }
}
