using System.Globalization;

namespace Providers.Http.Tests;

public sealed class RetryHintsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 26, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("6m0s", 360_000)]
    [InlineData("120ms", 120)]
    [InlineData("1h2m3.5s", 3_723_500)]
    [InlineData("1d", 86_400_000)]
    [InlineData("30d", 2_592_000_000)]
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

    /// <summary>What an answer says, and the milliseconds that come of it; -1: none.</summary>
    [Theory]
    [InlineData("retry-after-ms=250;retry-after=9", "try again in 1s", true, 250)] // in the order of trust
    [InlineData("retry-after=9", "try again in 1s", true, 9_000)]
    [InlineData("x-ratelimit-reset-requests=7s", "Please retry after 1s.", true, 1_000)]
    [InlineData("x-ratelimit-reset-requests=7s", "wait", true, 7_000)]
    [InlineData("x-ratelimit-reset-requests=7s", "wait", false, -1)] // windows stand on every answer
    [InlineData("retry-after=Thu, 26 Nov 2026 10:02:00 GMT", null, true, 120_000)]
    [InlineData("retry-after=Thu, 26 Nov 2026 09:02:00 GMT", null, true, 0)] // past
    [InlineData("retry-after=2026-11-26T10:00:05", null, true, 5_000)] // no zone said: UTC
    [InlineData("retry-after=soon", null, true, -1)]
    [InlineData("retry-after=-5", null, true, -1)]
    [InlineData("retry-after=1e3", null, true, -1)]
    [InlineData("retry-after=86401", null, true, 86_400_000)] // a day at most
    [InlineData("retry-after=Thu, 26 Nov 2099 10:02:00 GMT", null, true, 86_400_000)]
    [InlineData("retry-after-ms=99999999999", null, true, 86_400_000)]
    [InlineData("x-ratelimit-reset-requests=7s;x-ratelimit-reset-tokens=3s", null, true, 7_000)] // which is used up is not said: the longer
    [InlineData("x-ratelimit-reset-requests=3s;x-ratelimit-reset-tokens=7s", null, true, 7_000)]
    [InlineData("x-ratelimit-reset-requests=7s;x-ratelimit-reset-tokens=3s;x-ratelimit-remaining-tokens=0", null, true, 3_000)]
    [InlineData("x-ratelimit-reset-requests=3s;x-ratelimit-reset-tokens=7s;x-ratelimit-remaining-requests=0", null, true, 3_000)]
    [InlineData("x-ratelimit-reset-requests=3s;x-ratelimit-reset-tokens=7s;x-ratelimit-remaining-requests=0;x-ratelimit-remaining-tokens=0", null, true, 7_000)]
    [InlineData("x-ratelimit-reset-tokens=7s;x-ratelimit-remaining-requests=0", null, true, 7_000)]
    [InlineData("", null, true, -1)]
    public void Read_EachForm_InTheOrderOfTrust(string headers, string? message, bool limited, double milliseconds)
    {
        using HttpResponseMessage answer = new();
        foreach (string header in headers.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            answer.Headers.TryAddWithoutValidation(header.Split('=')[0], header.Split('=')[1]).Should().BeTrue();
        }

        TimeSpan? expected = milliseconds < 0 ? null : TimeSpan.FromMilliseconds(milliseconds);
        RetryHints.Read(answer.Headers, message, s_now, limited).Should().Be(expected, headers.ToString(CultureInfo.InvariantCulture));
    }
}
