namespace Providers.VectorData.Tests.Text;

/// <summary>Ranks alone decide how rankings are fused.</summary>
public sealed class RankFusionTests
{
    [Fact]
    public void Rankings_AreFusedByTheirRanks_EqualScoresSharingOne()
    {
        Row a = Of("a", 1), b = Of("b", 2), c = Of("c", 3);
        List<VectorHit> fused = RankFusion.Fuse([new(a, 0.9), new(b, 0.9), new(c, 0.5)], [new(c, 7), new(a, 3)]);
        fused.Select(static h => h.Row.Key).Should().Equal("a", "c", "b");
        fused.Select(static h => h.Score).Should().Equal((1 / 61d) + (1 / 62d), (1 / 63d) + (1 / 61d), 1 / 61d);
        RankFusion.Fuse([new(a, 1)], [new(a, 1)]).Should().ContainSingle().Which.Score.Should().Be(2 / 61d, "the most there is");
        RankFusion.Fuse([], []).Should().BeEmpty();
    }

    [Fact]
    public void Records_OfEqualScores_AreInTheOrderOfTheirIds() =>
        RankFusion.Fuse([new(Of("b", 2), 1)], [new(Of("a", 1), 9)]).Select(static h => h.Row.Key).Should().Equal("a", "b");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Record_InTwoVersions_IsShownInTheNewer(bool newerFirst)
    {
        Row old = Of("a", 1, 7), newer = Of("a", 2, 8);
        VectorHit hit = RankFusion.Fuse([new(newerFirst ? newer : old, 1)], [new(newerFirst ? old : newer, 1)]).Should().ContainSingle().Subject;
        hit.Row.Should().BeSameAs(newer);
    }

    private static Row Of(string key, long id, long sequence = 1) => new(id, key, [], []) { Sequence = sequence };
}
