namespace Providers.Memory.Tests.Folding;

/// <summary>How texts are cut into words.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" .,;-_!", "")]
    [InlineData("One two-three_4 FIVE5", "one two three 4 five5")]
    [InlineData("Cre\u0300me bru\u0302le\u0301e, E\u0301TE\u0301", "creme brulee ete")]
    [InlineData("ΣΙ\u0301ΣΥΦΟΣ x² Ⅷ 𝔘nicode 𐐀", "σισυφοσ x² ⅷ 𝔘nicode 𐐨")]
    public void Text_IsCutIntoRunsOfLettersAndDigits(string text, string words) => string.Join(' ', Words.Of(text)).Should().Be(words);

    [Fact]
    public void Text_OfAsciiAlone_IsCutAsAnyOther()
    {
        Random random = new(5);
        for (int round = 0; round < 2_000; round++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)random.Next(128))]);
            List<string> other = Words.Of(text + " e\u0301"); // not ASCII, so cut the other way
            Words.Of(text).Should().Equal(other.SkipLast(1), "seed 5, text '{0}'", text);
            other[^1].Should().Be("e");
        }
    }
}
