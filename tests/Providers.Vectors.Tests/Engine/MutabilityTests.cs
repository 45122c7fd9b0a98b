using Microsoft.Extensions.Time.Testing;

namespace Providers.Vectors.Tests;

/// <summary>When an index changes its structure, what it counts, and what compaction leaves as it was.</summary>
public sealed class MutabilityTests
{
    [Theory]
    [InlineData(0.5, 100, 63, 63, "fewer than 64 are not worth it")]
    [InlineData(0.5, 100, 64, 0, "64 of 100 are more than half")]
    [InlineData(0.5, 200, 100, 100, "that is half, not more")]
    [InlineData(0.5, 200, 101, 0, "now it is more")]
    [InlineData(1, 100, 100, 100, "1 means never")]
    public async Task Delete_OfManyRows_CompactsWhenTheyAreEnough(double threshold, int rows, int deleted, int left, string because)
    {
        using var index = new FlatIndex(new VectorIndexOptions { Dimensions = 2, CompactionThreshold = threshold });
        index.UpsertRange(TestData.Ids(rows), TestData.Uniform(rows, 2, 1));
        for (int id = 0; id < deleted; id++)
        {
            index.Delete(id).Should().BeTrue();
            await index.WhenIdleAsync();
        }

        index.GetStats().Deleted.Should().Be(left, because);
        index.Count.Should().Be(rows - deleted);
    }

    [Fact]
    public async Task Upsert_OfTheSameIdAgainAndAgain_CompactsAsDeletingDoes()
    {
        using var index = new FlatIndex(new VectorIndexOptions { Dimensions = 2, CompactionThreshold = 0.5 });
        List<int> dead = [];
        for (int i = 0; i <= 65; i++)
        {
            index.Upsert(7, [1, i]);
            await index.WhenIdleAsync();
            dead.Add(index.GetStats().Deleted);
        }

        dead.Should().Equal([.. Enumerable.Range(0, 64), 0, 1]);
    }

    [Fact]
    public void Dispose_WhileAGraphIsBuilt_LeavesTheRestUndone()
    {
        AdaptiveVectorIndex index = new(new VectorIndexOptions { Dimensions = 64, GraphFrom = 12_000, BuildThreads = 1 });
        index.UpsertRange(TestData.Ids(12_000), TestData.Uniform(12_000, 64, 5)); // seconds of building begin here, beside this thread
        string before = index.GetStats().Structure;
        index.Dispose();
        index.GetStats().Structure.Should().Be(before);
    }

    [Fact]
    public async Task Adaptive_GrowsAndShrinks_MovesOnAtItsLimitsAndNeverBack()
    {
        using var index = new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = 3, QuantizeFrom = 10, GraphFrom = 20, BuildThreads = 1, Clock = new FakeTimeProvider() });
        List<string> seen = [];
        for (int id = 0; id < 21; id++)
        {
            index.Upsert(id, TestData.Uniform(1, 3, id));
            await index.WhenIdleAsync();
            seen.Add(index.GetStats().Structure);
        }

        seen.Should().Equal([.. Enumerable.Repeat("Exact", 9), .. Enumerable.Repeat("Int8", 10), "Graph", "Graph"]);
        for (int id = 0; id < 21; id++)
        {
            index.Delete(id).Should().BeTrue();
        }

        await index.CompactAsync();
        index.GetStats().Structure.Should().Be("Graph");
        var found = new VectorMatch[2];
        index.Search([1, 0, 0], found).Should().Be(0);
        index.Upsert(7, [1, 0, 0]);
        index.Search([1, 0, 0], found).Should().Be(1);
    }

    [Fact]
    public async Task Adaptive_ThatGrowsAllAtOnce_GoesToTheGraph()
    {
        using var index = new AdaptiveVectorIndex(new VectorIndexOptions { Dimensions = 3, QuantizeFrom = 10, GraphFrom = 20, Clock = new FakeTimeProvider() });
        index.UpsertRange(TestData.Ids(300), TestData.Uniform(300, 3, 1));
        await index.WhenIdleAsync();
        index.GetStats().Structure.Should().Be("Graph");
    }

    [Theory]
    [InlineData(nameof(IndexKind.Exact), 84)]
    [InlineData(nameof(IndexKind.Quantized), 84 + 36)]
    [InlineData(nameof(IndexKind.Graph), 84 + 36 + 36)]
    public void Upsert_UpToTheCap_IsTakenAndOneMoreIsNot(string kind, int bytes)
    {
        // Of four floats: an id and a version of 8, a row padded to 64, a norm; 32 codes and a scale; 8 links and a slot; and 16 slots of the table of ids.
        const int Table = 64;
        using VectorEngine engine = Engine(kind, new VectorIndexOptions { Dimensions = 4, OneBit = false, Links = 8, MaxMemoryBytes = Table + (3 * bytes) });
        long[] flat = [.. Enumerable.Range(0, 1_000).Where(static id => Level(id) == 0).Take(4)];
        engine.Upsert(flat.AsSpan(0, 2), TestData.Uniform(2, 4, 1));
        engine.GetStats().TotalBytes.Should().Be(Table + (2 * bytes));
        FluentActions.Invoking(() => engine.Upsert(flat.AsSpan(2, 2), TestData.Uniform(2, 4, 2))).Should().Throw<InvalidOperationException>()
            .WithMessage($"2 more vectors need {Table + (4 * bytes)} bytes in all, over the cap of {Table + (3 * bytes)}.*");
        engine.View.Count.Should().Be(2, "all of a batch or none");
        engine.Upsert(flat.AsSpan(2, 1), TestData.Uniform(1, 4, 2));
        engine.GetStats().TotalBytes.Should().Be(Table + (3 * bytes));
        FluentActions.Invoking(() => engine.Upsert([flat[0]], TestData.Uniform(1, 4, 2))).Should().Throw<InvalidOperationException>("a replaced row stays until compaction");
    }

    [Fact]
    public void Upsert_OneOfABatchIsNoVector_StoresNone()
    {
        using var index = new FlatIndex(new VectorIndexOptions { Dimensions = 2 });
        FluentActions.Invoking(() => index.UpsertRange([1, 2, 3], [1, 0, 0, 1, 0, 0])).Should().Throw<ArgumentException>().WithMessage("*no direction*");
        index.Count.Should().Be(0);
        index.GetStats().Deleted.Should().Be(0);
    }

    [Fact]
    public async Task Compaction_WhereNothingDied_LeavesEveryLink()
    {
        using VectorEngine engine = Engine(nameof(IndexKind.Graph), new VectorIndexOptions { Dimensions = 4, Links = 8, BuildThreads = 1 });
        engine.Upsert(TestData.Ids(500), TestData.Clustered(500, 4, 9, 3));
        (GraphView view, int[][] before) = (engine.View.Graph!, Words(engine.View));
        await engine.CompactAsync();
        Words(engine.View).Should().BeEquivalentTo(before, static o => o.WithStrictOrdering());
        (engine.View.Graph!.Entry, engine.View.Graph.Level).Should().Be((view.Entry, view.Level));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(2)]
    public async Task Compaction_OfAGraph_KeepsTheLinksBetweenRowsThatLostNone(int every)
    {
        const int N = 400;
        using VectorEngine engine = Engine(nameof(IndexKind.Graph), new VectorIndexOptions { Dimensions = 3, Metric = VectorMetric.SquaredL2, Links = 16, BuildExpansion = 16, BuildThreads = 1, CompactionThreshold = 1 });
        engine.Upsert(TestData.Ids(N), TestData.Clustered(N, 3, 20, 4));
        for (long id = 0; id < N; id += every)
        {
            engine.Delete(id).Should().BeTrue();
        }

        Dictionary<long, long[]> before = Neighbours(engine.View);
        await engine.CompactAsync();
        View after = engine.View;
        (after.Count, after.Live, engine.GetStats().Deleted).Should().Be((N - (N / every), N - (N / every), 0));
        Dictionary<long, long[]> now = Neighbours(after);
        now.Keys.Should().Equal(before.Keys.Where(id => id % every != 0), "rows keep their order");
        now.Values.SelectMany(static n => n).Should().NotContain(id => id % every == 0);
        now.Should().OnlyContain(static n => n.Value.Length > 0 && !n.Value.Contains(n.Key) && n.Value.Distinct().Count() == n.Value.Length);
        double kept = before.Where(n => n.Key % every != 0).Average(n => n.Value.Count(id => id % every != 0) is var alive and > 0 ? n.Value.Count(id => id % every != 0 && now[n.Key].Contains(id)) / (double)alive : 1);
        kept.Should().BeGreaterThan(0.8, "links are carried over, not made anew");
        GraphProbe.ShouldHangTogether(after, every);
    }

    [Fact]
    public async Task Compaction_OfRowsThatDieAndComeMeanwhile_TakesThemOver()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            using VectorEngine engine = Engine(nameof(IndexKind.Graph), new VectorIndexOptions { Dimensions = 3, Links = 8, BuildExpansion = 8, BuildThreads = 1, CompactionThreshold = 1 });
            engine.Upsert(TestData.Ids(600), TestData.Uniform(600, 3, seed));
            for (int id = 0; id < 200; id++)
            {
                engine.Delete(id).Should().BeTrue();
            }

            Task compaction = engine.CompactAsync();
            for (int id = 200; id < 300; id++)
            {
                engine.Delete(id).Should().BeTrue();
                engine.Upsert([id + 1_000], TestData.Uniform(1, 3, id));
            }

            await compaction;
            VectorIndexStats stats = engine.GetStats();
            (stats.Count, stats.Deleted <= 100, engine.View.Live).Should().Be((400, true, 400), "seed {0}", seed);
            stats.Deleted.Should().Be(engine.View.Rows.Died).And.Be(engine.View.Count - 400);
            float[] vector = new float[3];
            for (int id = 0; id < 1_300; id++)
            {
                engine.TryGet(id, vector).Should().Be(id is >= 300 and < 600 or >= 1_200, "seed {0}, id {1}", seed, id);
            }

            GraphProbe.ShouldHangTogether(engine.View, seed);
        }
    }

    [Fact]
    public void Index_Disposed_RefusesEverything()
    {
        VectorEngine engine = Engine(nameof(IndexKind.Exact), new VectorIndexOptions { Dimensions = 2, Path = Path.Join(Path.GetTempPath(), Path.GetRandomFileName()), OwnLog = false });
        engine.Upsert([1], [1, 0]);
        engine.Dispose();
        foreach (Action act in (Action[])[() => engine.Upsert([2], [1, 0]), () => engine.Delete(1), () => engine.TryGet(1, new float[2]), () => engine.Checkpoint(1), () => engine.CompactAsync()])
        {
            act.Should().Throw<ObjectDisposedException>();
        }

        engine.WhenIdleAsync().IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public void Delete_OfAnUnknownId_WritesNothing()
    {
        using var folder = new TempFolder();
        string path = folder.File("index");
        using var index = new FlatIndex(new VectorIndexOptions { Dimensions = 2, Path = path });
        index.Upsert(1, [1, 0]);
        long length = new FileInfo(path + ".log").Length;
        index.Delete(2).Should().BeFalse();
        new FileInfo(path + ".log").Length.Should().Be(length);
        index.Delete(1).Should().BeTrue();
        new FileInfo(path + ".log").Length.Should().BeGreaterThan(length);
        index.Checkpoint();
        new FileInfo(path + ".log").Length.Should().Be(16, "only its head is left");
    }

    [Theory]
    [InlineData(nameof(IndexKind.Quantized), false, "Int8")]
    [InlineData(nameof(IndexKind.Quantized), true, "Bits")]
    [InlineData(nameof(IndexKind.Graph), false, "Graph")]
    [InlineData(nameof(IndexKind.Adaptive), false, "Exact")]
    public void Open_OfAnExactIndexWithAnotherKind_MakesWhatItLacks(string kind, bool oneBit, string structure)
    {
        using var folder = new TempFolder();
        var options = new VectorIndexOptions { Dimensions = 2, Path = folder.File("index"), OneBit = oneBit, Links = 8, BuildThreads = 1 };
        using (VectorEngine exact = Engine(nameof(IndexKind.Exact), options))
        {
            exact.Upsert(TestData.Ids(50), TestData.Uniform(50, 2, 1));
            exact.Delete(3).Should().BeTrue();
            exact.Checkpoint(9);
            exact.Upsert([3, 99], TestData.Uniform(2, 2, 2));
            exact.Delete(4).Should().BeTrue();
        }

        using VectorEngine engine = Engine(kind, options);
        VectorIndexStats stats = engine.GetStats();
        (stats.Structure, stats.Count, stats.Deleted, engine.Watermark, engine.View.Version).Should().Be((structure, 50, 2, 9, 54));
        (stats.CodeBytes > 0, stats.GraphBytes > 0).Should().Be((structure is not "Exact", structure is "Graph"));
        if (structure is "Graph")
        {
            GraphProbe.ShouldHangTogether(engine.View, 0);
        }
    }

    private static VectorEngine Engine(string kind, VectorIndexOptions options) => new(options, Enum.Parse<IndexKind>(kind));

    private static int Level(long id)
    {
        var rows = new RowSet(new RowLayout(4, VectorMetric.Cosine, brain: false, links: 8), new BitQuantizer(4, 1));
        rows.Append(id, [1, 0, 0, 0]);
        return new HnswGraph(rows, 8, 1).LevelOf(0);
    }

    private static unsafe int[][] Words(View view) => [.. Enumerable.Range(0, view.Count).Select(row => new ReadOnlySpan<int>(HnswGraph.Links(view.Chunks, view.Rows.Layout, row), view.Rows.Layout.Links).ToArray())];

    /// <summary>The ids that each row has links to.</summary>
    private static Dictionary<long, long[]> Neighbours(View view)
    {
        int[][] words = Words(view);
        return Enumerable.Range(0, view.Count).ToDictionary(row => RowSet.IdOf(view.Chunks, row), row => words[row].Where(static w => w != 0).Select(w => RowSet.IdOf(view.Chunks, Edge.Row(w))).ToArray());
    }
}
