namespace Providers.VectorData.Tests.Model;

/// <summary>What the name of a distance function means for scores, order and thresholds.</summary>
public sealed class DistanceRuleTests
{
    [Theory]
    [InlineData(DistanceFunction.CosineSimilarity, 0.6, true)]
    [InlineData(DistanceFunction.CosineDistance, 0.4, false)]
    [InlineData(DistanceFunction.DotProductSimilarity, 6, true)]
    [InlineData(DistanceFunction.NegativeDotProductSimilarity, -6, false)]
    [InlineData(DistanceFunction.EuclideanDistance, 4.1231, false)]
    [InlineData(DistanceFunction.EuclideanSquaredDistance, 17, false)]
    public void Score_IsThatOfTheFunction_AndItsThresholdIncludesIt(string name, double score, bool higherIsNearer)
    {
        DistanceRule rule = DistanceRule.Find(name)!;
        rule.Score([2, 0], [3, 4]).Should().BeApproximately(score, 1e-4);
        rule.HigherIsNearer.Should().Be(higherIsNearer);
        (rule.Compare(1, 2) > 0, rule.Compare(1, 1)).Should().Be((higherIsNearer, 0));
        (rule.Passes(1, null), rule.Passes(1, 1), rule.Passes(1, 0.5), rule.Passes(1, 1.5)).Should().Be((true, true, higherIsNearer, !higherIsNearer));
    }

    [Fact]
    public void Cosine_StaysWithinItsRange()
    {
        float[] vector = [0.1f, 0.7f, 0.3f];
        DistanceRule.Find(DistanceFunction.CosineSimilarity)!.Score(vector, vector).Should().BeLessThanOrEqualTo(1);
        DistanceRule.Find(DistanceFunction.CosineDistance)!.Score(vector, vector).Should().BeGreaterThanOrEqualTo(0);
        DistanceRule.Find("HammingDistance").Should().BeNull();
    }
}
