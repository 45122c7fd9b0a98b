namespace Providers.VectorData.Tests.Text;

/// <summary>Okapi BM25 with k1 = 1.2 and b = 0.75, worked out by hand.</summary>
public sealed class TextColumnTests
{
    [Fact]
    public void Words_AreWeighedByRarityTimesAndLength()
    {
        TextColumn column = Filled();
        ShouldBe(column.Score(["a"]), (1, 0.470004), (2, 0.590862));
        ShouldBe(column.Score(["c"]), (3, 1.392145));
        ShouldBe(column.Score(["a", "a", "c", "unknown"]), (1, 0.470004), (2, 0.590862), (3, 1.392145));
        column.Score([]).Should().BeEmpty();
        new TextColumn().Score(["a"]).Should().BeEmpty();
    }

    [Fact]
    public void Row_ThatIsRemoved_WeighsNothingAnyMore()
    {
        TextColumn column = Filled();
        column.Add(9, "a c c d d d d");
        column.Remove(9, "a c c d d d d");
        ShouldBe(column.Score(["a", "c", "d"]), (1, 0.470004), (2, 0.590862), (3, 1.392145));
    }

    [Theory]
    [InlineData("Fjord, FJORD! 2026-e", "fjord|fjord|2026|e")]
    [InlineData("  ", "")]
    [InlineData("last", "last")]
    [InlineData("x \U0001D518 y", "x|\U0001D518|y")]
    public void Words_AreRunsOfLettersAndDigits(string text, string words) => string.Join('|', Words.In(text)).Should().Be(words);

    private static TextColumn Filled()
    {
        TextColumn column = new();
        column.Add(1, "a b");
        column.Add(2, "A");
        column.Add(3, "c c c");
        return column;
    }

    private static void ShouldBe(Dictionary<long, double> scores, params (long Id, double Score)[] expected) =>
        scores.OrderBy(static s => s.Key).Select(static s => (s.Key, Math.Round(s.Value, 6))).Should().Equal(expected);
}
