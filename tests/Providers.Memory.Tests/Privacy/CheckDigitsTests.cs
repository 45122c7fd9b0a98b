namespace Providers.Memory.Tests.Privacy;

/// <summary>Numbers that mean something are told from those that look like it by their check digits.</summary>
public sealed class CheckDigitsTests
{
    [Theory]
    [InlineData("4222222222222", true, "13 digits are the fewest")]
    [InlineData("422222222222", false, "12 are none, though the sum is right")]
    [InlineData("6304939304310009610", true, "19 digits are the most")]
    [InlineData("6304939304310009611", false, "the sum is wrong")]
    [InlineData("63049393043100096102", false, "20 are none, though the sum is right")]
    [InlineData("5555-5555 5555-4444", true, "what stands between is passed over")]
    [InlineData("5555555555554445", false, "one digit is another")]
    [InlineData("5555555555545554", false, "two neighbours changed places")]
    [InlineData("0000000000000000", false, "a row of zeros is no card")]
    public void Card_IsKnownByItsLengthAndSum(string text, bool expected, string because) => CheckDigits.IsCard(text).Should().Be(expected, because);

    [Theory]
    [InlineData("NO9386011117947", 15)]
    [InlineData("NO93 8601 1117 947", 18)]
    [InlineData("NO93 8601 1117 948", 0)]
    [InlineData("NO83 8601 1117 947", 0)]
    [InlineData("GB29 NWBK 6016 1331 9268 19", 27)]
    [InlineData("GB29 NWBK 6016 1331 9268 19 ", 27)]
    [InlineData("GB29 NWBK 6016 1331 9268 19 THE", 27)]
    [InlineData("MT84MALT011000012345MTLCAST001S", 31)]
    public void Iban_IsTheLongestBeginningWhoseDigitsAreRight(string text, int length) => CheckDigits.IbanLength(text).Should().Be(length);
}
