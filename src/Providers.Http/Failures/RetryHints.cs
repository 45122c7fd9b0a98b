using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Providers.Http;

/// <summary>How long a server asks to be left alone, in the order of trust: its own headers, its text, its rate-limit windows.</summary>
internal static partial class RetryHints
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_believable = TimeSpan.FromDays(30);

    /// <summary>Reads what an answer says.</summary>
    /// <param name="limited">Whether the request was refused for its rate; only then do the windows, which stand on every answer, ask for a pause.</param>
    public static TimeSpan? Read(HttpResponseHeaders headers, string? message, DateTimeOffset now, bool limited) =>
        Milliseconds(Header(headers, "retry-after-ms")) ?? RetryAfter(Header(headers, "retry-after"), now) ?? FromText(message) ?? (limited ? Reset(headers) : null);

    public static TimeSpan? FromText(string? message) =>
        message is not null && TryAgain.Match(message) is { Success: true } match ? Duration(match.Groups[1].Value) : null;

    /// <summary>Reads "6m0s", "120ms", "1h2m3.5s", or bare seconds.</summary>
    public static TimeSpan? Duration(string? text)
    {
        text = text?.Trim();
        if (text is null || Parts.Match(text) is not { Success: true } match)
        {
            return Seconds(text);
        }

        double total = 0;
        for (int i = 0; i < match.Groups[1].Captures.Count; i++)
        {
            double value = double.Parse(match.Groups[1].Captures[i].ValueSpan, CultureInfo.InvariantCulture);
            total += value * match.Groups[2].Captures[i].Value switch { "ms" => 1, "s" => 1_000, "m" => 60_000, "h" => 3_600_000, _ => 86_400_000 };
        }

        return total <= s_believable.TotalMilliseconds ? TimeSpan.FromMilliseconds(total) : null;
    }

    public static string? Header(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) && values.Count > 0 ? First(values).Trim() : null;

    private static string First(HeaderStringValues values)
    {
        foreach (string value in values)
        {
            return value;
        }

        return "";
    }

    private static TimeSpan? RetryAfter(string? text, DateTimeOffset now) => text is null ? null
        : Seconds(text) ?? (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
            ? Bounded(Math.Max(0, (date - now).TotalMilliseconds)) : null);

    // The window that is used up counts; where that is not said, the longer one.
    private static TimeSpan? Reset(HttpResponseHeaders headers)
    {
        TimeSpan? requests = Duration(Header(headers, "x-ratelimit-reset-requests"));
        TimeSpan? tokens = Duration(Header(headers, "x-ratelimit-reset-tokens"));
        bool requestsOut = Header(headers, "x-ratelimit-remaining-requests") is "0";
        bool tokensOut = Header(headers, "x-ratelimit-remaining-tokens") is "0";
        return requestsOut == tokensOut || requests is null || tokens is null ? (requests > tokens || tokens is null ? requests : tokens)
            : requestsOut ? requests : tokens;
    }

    private static TimeSpan? Milliseconds(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) ? Bounded(value) : null;

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) ? Bounded(value * 1_000) : null;

    private static TimeSpan? Bounded(double milliseconds) =>
        milliseconds <= s_longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : s_longest;

    [GeneratedRegex(@"(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TryAgain { get; }

    [GeneratedRegex(@"^(?:(\d+(?:\.\d+)?)(ms|s|m|h|d))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Parts { get; }
}
