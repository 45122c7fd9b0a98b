namespace Providers.Memory.Tests.Search;

/// <summary>One ranking of two, by reciprocal rank.</summary>
public sealed class FusionTests
{
    [Fact]
    public void Row_FirstInBoth_HasScoreOne()
    {
        List<Fusion.Fused> fused = Fusion.Fuse([(7, 0.9), (8, 0.5)], [(7, 12), (9, 3)]);
        fused[0].Should().Be(new Fusion.Fused(7, 1, 0.9, 12));
        fused.Skip(1).Select(static f => f.Row).Should().Equal(8, 9); // equal ranks: the one with a similarity comes first
        fused[1].Should().Be(new Fusion.Fused(8, 2 / 3d / 2, 0.5, null));
        fused[2].Should().Be(new Fusion.Fused(9, 2 / 3d / 2, null, 3));
    }

    [Fact]
    public void Share_FallsWithTheRank()
    {
        Fusion.Share(0, 1).Should().Be(1);
        Fusion.Share(0, 2).Should().Be(0.5);
        Fusion.Share(2, 1).Should().Be(0.5);
        Fusion.Share(8, 2).Should().BeApproximately(0.1, 1e-12);
    }

    [Fact]
    public void VectorsAlone_GiveTheirSimilarityFromNoneToOne() =>
        Fusion.Fuse([(1, 1.2), (2, 0.25), (3, -0.5)], null).Should().Equal(new Fusion.Fused(1, 1, 1.2, null), new(2, 0.25, 0.25, null), new(3, 0, -0.5, null));

    [Fact]
    public void WordsAlone_GiveTheirScoreSquashedBelowOne() =>
        Fusion.Fuse(null, [(1, 3), (2, 1), (3, 0)]).Should().Equal(new Fusion.Fused(1, 0.75, null, 3), new(2, 0.5, null, 1), new(3, 0, null, 0));

    [Fact]
    public void Ranking_ThatWasAskedAndFoundNothing_CountsAsAsked() =>
        Fusion.Fuse([(1, 0.9)], []).Should().Equal(new Fusion.Fused(1, 0.5, 0.9, null));

    [Fact]
    public void EqualScores_AreInTheOrderOfSimilarityAndThenOfRows()
    {
        Fusion.Fuse(null, [(9, 2), (4, 2)]).Select(static f => f.Row).Should().Equal(4, 9);
        Fusion.Fuse([(5, -0.5)], [(6, 1)]).Select(static f => f.Row).Should().Equal(5, 6); // any similarity before none
        Fusion.Fuse([(6, -0.5)], [(5, 1)]).Select(static f => f.Row).Should().Equal(6, 5);
    }

    [Fact]
    public void AnyTwoRankings_GiveEachRowOnceBestFirst()
    {
        Random random = new(20);
        for (int round = 0; round < 500; round++)
        {
            (long, double)[] one = Ranking(random), two = Ranking(random);
            List<Fusion.Fused> fused = Fusion.Fuse(one, two);
            fused.Select(static f => f.Row).Should().OnlyHaveUniqueItems().And.BeEquivalentTo(one.Concat(two).Select(static r => r.Item1).Distinct(), "seed 20, round {0}", round);
            fused.Select(static f => f.Score).Should().BeInDescendingOrder();
            fused.All(static f => f.Score is > 0 and <= 1).Should().BeTrue();
            foreach (Fusion.Fused row in fused)
            {
                int first = Array.FindIndex(one, r => r.Item1 == row.Row), second = Array.FindIndex(two, r => r.Item1 == row.Row);
                row.Score.Should().BeApproximately((first < 0 ? 0 : 1 / (2d + first)) + (second < 0 ? 0 : 1 / (2d + second)), 1e-12);
            }
        }
    }

    [Fact]
    public void Candidates_AreFourForEachResultAndFiftyAtLeast()
    {
        Fusion.Candidates(1).Should().Be(50);
        Fusion.Candidates(12).Should().Be(50);
        Fusion.Candidates(13).Should().Be(52);
        Fusion.Candidates(100).Should().Be(400);
    }

    private static (long, double)[] Ranking(Random random) =>
        [.. Enumerable.Range(0, 30).Select(i => (long)i).OrderBy(_ => random.Next()).Take(random.Next(30)).Select((row, rank) => (row, 1 - (rank / 40d)))];
}
