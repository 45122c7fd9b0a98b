using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Providers.OpenAI;

/// <summary>The waiting times that stand in texts and in OpenAI's own headers.</summary>
internal static partial class RetryTimes
{
    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    /// <summary>Reads "Please try again in 1.412s", "in 120ms", "in 6m0s".</summary>
    public static TimeSpan? FromText(string? message) =>
        message is not null && TryAgain.Match(message) is { Success: true } match ? FromDuration(match.Groups[1].ValueSpan) : null;

    /// <summary>Reads a duration as the headers spell it: "6m0s", "120ms", "1h2m3.5s", or bare seconds.</summary>
    public static TimeSpan? FromDuration(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        double total = 0;
        bool any = false;
        while (text.Length > 0)
        {
            int digits = text.IndexOfAnyExcept(s_number);
            ReadOnlySpan<char> number = digits < 0 ? text : text[..digits];
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            {
                return null;
            }

            text = digits < 0 ? [] : text[digits..];
            int unitEnd = text.IndexOfAny(s_number);
            ReadOnlySpan<char> unit = unitEnd < 0 ? text : text[..unitEnd];
            double? milliseconds = unit switch
            {
                "ms" => value,
                "" when !any => value * 1_000,
                "s" => value * 1_000,
                "m" => value * 60_000,
                "h" => value * 3_600_000,
                "d" => value * 86_400_000,
                _ => null,
            };
            if (milliseconds is null)
            {
                return null;
            }

            total += milliseconds.Value;
            any = true;
            text = text[unit.Length..];
        }

        return any && total <= TimeSpan.FromDays(30).TotalMilliseconds ? TimeSpan.FromMilliseconds(total) : null;
    }

    [GeneratedRegex(@"(?:try again|retry|retry again) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TryAgain { get; }
}
