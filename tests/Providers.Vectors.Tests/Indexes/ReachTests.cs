namespace Providers.Vectors.Tests;

/// <summary>Every row of a graph that is alive can be walked to from every other, whatever was deleted, pruned and compacted.</summary>
public sealed class ReachTests
{
    private static readonly int Histories = int.Parse(Environment.GetEnvironmentVariable("CsCheck_Iter") ?? "60");

    [Theory]
    [InlineData(VectorMetric.Cosine)]
    [InlineData(VectorMetric.Dot)]
    [InlineData(VectorMetric.SquaredL2)]
    public async Task Graph_RandomHistories_LosesNoRow(VectorMetric metric)
    {
        for (int seed = 0; seed < Histories; seed++)
        {
            var random = new Random(seed);
            using VectorEngine engine = Engine(5, metric, links: random.Next(4, 9) * 2);
            for (int step = random.Next(1, 161); step > 0; step--)
            {
                int id = random.Next(31);
                switch (random.Next(6))
                {
                    case 0:
                        await engine.CompactAsync();
                        GraphProbe.ShouldHangTogether(engine.View, seed);
                        break;
                    case 1:
                        engine.Delete(id);
                        break;
                    default:
                        engine.Upsert([id], TestData.Uniform(1, 5, random.Next()));
                        break;
                }
            }

            GraphProbe.ShouldHangTogether(engine.View, seed);
        }
    }

    [Fact]
    public async Task Compaction_WhereDeadRowsHeldTheOnlyLinksToOthers_LosesNone()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            using VectorEngine engine = Engine(5, VectorMetric.SquaredL2, links: 16);
            engine.Upsert(TestData.Ids(50), TestData.Uniform(50, 5, seed));
            for (int id = 0; id < 50; id += 2)
            {
                engine.Delete(id).Should().BeTrue();
            }

            await engine.CompactAsync();
            GraphProbe.ShouldHangTogether(engine.View, seed);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Build_ManyRowsAndFewLinks_LosesNone(int threads)
    {
        const int N = 3_000, D = 16;
        using VectorEngine engine = Engine(D, VectorMetric.Cosine, links: 8, threads);
        engine.Upsert(TestData.Ids(N), TestData.Clustered(N, D, 50, 31));
        GraphProbe.ShouldHangTogether(engine.View, threads);
    }

    [Fact]
    public void Build_SameFewRowsNearestToAll_HangsTheRestFartherAlongTheTree()
    {
        // By dot product the longest vectors are nearest to every other; eight of them, with eight links each, have no room for 400.
        using VectorEngine engine = Engine(2, VectorMetric.Dot, links: 8);
        var random = new Random(41);
        for (int id = 0; id < 400; id++)
        {
            float length = id < 8 ? 100 : 1;
            engine.Upsert([id], [length * (1 + (float)random.NextDouble()), length * (1 + (float)random.NextDouble())]);
        }

        GraphProbe.ShouldHangTogether(engine.View, 41);
    }

    [Fact]
    public async Task Compaction_NothingLeftOfANeighbourhood_IsLinkedInBySearch()
    {
        // Clusters far apart, of which compaction leaves single rows: all their links went with the dead.
        for (int seed = 0; seed < 10; seed++)
        {
            float[] data = TestData.Uniform(600, 4, seed);
            for (int row = 0; row < 600; row++)
            {
                data[row * 4] += row / 20 * 1_000;
            }

            using VectorEngine engine = Engine(4, VectorMetric.SquaredL2, links: 8);
            engine.Upsert(TestData.Ids(600), data);
            for (int id = 0; id < 600; id++)
            {
                if (id < 300 && id % 20 != 7)
                {
                    engine.Delete(id).Should().BeTrue();
                }
            }

            await engine.CompactAsync();
            engine.View.Count.Should().Be(engine.View.Live);
            GraphProbe.ShouldHangTogether(engine.View, seed);
        }
    }

    private static VectorEngine Engine(int d, VectorMetric metric, int links, int threads = 1) => new(
        new VectorIndexOptions { Dimensions = d, Metric = metric, Links = links, BuildThreads = threads, BuildExpansion = 8, CompactionThreshold = 1 }, IndexKind.Graph);
}
