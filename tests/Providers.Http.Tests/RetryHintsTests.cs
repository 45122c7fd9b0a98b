namespace Providers.Http.Tests;

public sealed class RetryHintsTests
{
    [Theory]
    [InlineData("6m0s", 360_000)]
    [InlineData("120ms", 120)]
    [InlineData("1h2m3.5s", 3_723_500)]
    [InlineData("1d", 86_400_000)]
    [InlineData(" 2 ", 2_000)]
    [InlineData("2.5", 2_500)]
    public void Duration_EverySpelling_IsRead(string text, double milliseconds) =>
        RetryHints.Duration(text).Should().Be(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("1x")]
    [InlineData("1s2")]
    [InlineData("-1s")]
    [InlineData("1.2.3s")]
    [InlineData("9999d")]
    public void Duration_AnythingElse_IsNone(string text) => RetryHints.Duration(text).Should().BeNull();
}
