using Microsoft.Extensions.Time.Testing;

namespace Providers.Vectors.Tests;

public sealed class SearchCostTests
{
    private const int D = 64;
    private const int N = 4_000;

    [Theory]
    [InlineData(2, "Graph")]
    [InlineData(400, "Gather")]
    public void Choose_Graph_WalksWhenManyPassAndGathersWhenFewDo(int every, string expected)
    {
        using VectorEngine engine = Engine(IndexKind.Graph);
        Path(engine, new SearchCost(TimeProvider.System), every).ToString().Should().Be(expected);
    }

    [Theory]
    [InlineData(1, "Stream")]
    [InlineData(400, "Gather")]
    public void Choose_OneBitCodes_StreamsBlocksOrGathersRows(int every, string expected)
    {
        using VectorEngine engine = Engine(IndexKind.Quantized);
        Path(engine, new SearchCost(TimeProvider.System), every).ToString().Should().Be(expected);
    }

    [Fact]
    public void Choose_WalksThatTakeLongerThanUsual_AreLeftForTheGather()
    {
        using VectorEngine engine = Engine(IndexKind.Graph);
        var clock = new FakeTimeProvider();
        var cost = new SearchCost(clock);
        SearchPath before = Path(engine, cost, 2);
        before.Should().Be(SearchPath.Graph);
        var scratch = new Scratch { Path = SearchPath.Graph, UsualNanoseconds = 20_000 };
        for (int i = 0; i < 16 * 40; i++)
        {
            long start = cost.Start();
            clock.Advance(TimeSpan.FromMilliseconds(5));
            cost.Stop(start, new SearchPlan(VectorMetric.Cosine, 16, 0, false, null), scratch);
        }

        cost.Milliseconds.Should().BeApproximately(5, 0.1);
        Path(engine, cost, 2).Should().NotBe(SearchPath.Graph);
    }

    [Fact]
    public void Stop_ExactOrUntimedSearches_ChangeNothing()
    {
        var clock = new FakeTimeProvider();
        var cost = new SearchCost(clock);
        for (int i = 0; i < 64; i++)
        {
            long start = cost.Start();
            clock.Advance(TimeSpan.FromMilliseconds(5));
            cost.Stop(start, new SearchPlan(VectorMetric.Cosine, 16, 0, true, null), new Scratch());
            cost.Stop(0, new SearchPlan(VectorMetric.Cosine, 16, 0, false, null), new Scratch());
            cost.Stop(start, new SearchPlan(VectorMetric.Cosine, 16, 0, false, VectorFilter.FromIds([1])), new Scratch());
        }

        cost.Milliseconds.Should().Be(0);
    }

    [Fact]
    public void Search_FilterFarFromTheQuery_GivesTheWalkUpAndStillFindsTheNearest()
    {
        const int Rows = 20_000, Dim = 4;
        using var index = new HnswIndex(new VectorIndexOptions { Dimensions = Dim, Metric = VectorMetric.SquaredL2, BuildExpansion = 24, Links = 16 });
        float[] data = TestData.Uniform(Rows, Dim, 31);
        index.UpsertRange(TestData.Ids(Rows), data);
        Dictionary<long, float[]> rows = TestData.Rows(data, Dim);
        // The query sits in one corner; only the other half of the space passes, so nothing near it may be returned.
        bool Passes(long id) => rows[id][0] < -0.1f;
        TestData.Recall(index, rows, [1, 1, 1, 1, 1, -1, 1, -1], 10, new VectorSearchOptions { Filter = VectorFilter.FromPredicate(Passes), Expansion = 10 }, Passes)
            .Should().BeGreaterThanOrEqualTo(0.9);
    }

    private static SearchPath Path(VectorEngine engine, SearchCost cost, int every, int expansion = 16)
    {
        RowFilter filter = VectorFilter.FromPredicate(id => id % every == 0).Resolve(engine.View);
        return cost.Choose(engine.View, filter, expansion);
    }

    private static VectorEngine Engine(IndexKind kind)
    {
        var engine = new VectorEngine(new VectorIndexOptions { Dimensions = D, BuildExpansion = 16, Links = 8 }, kind);
        engine.Upsert(TestData.Ids(N), TestData.Uniform(N, D, 30));
        return engine;
    }
}
