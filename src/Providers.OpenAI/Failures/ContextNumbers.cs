using System.Globalization;
using System.Text.RegularExpressions;

namespace Providers.OpenAI;

/// <summary>The numbers in "your prompt is too long": every server words them otherwise.</summary>
internal static partial class ContextNumbers
{
    public static (int? PromptTokens, int? ContextWindow) Find(string message) =>
        (First(Parts.Match(message)) ?? First(Prompt.Match(message)), First(Window.Match(message)));

    private static int? First(Match match) =>
        match.Success && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    [GeneratedRegex(@"context (?:length|size|window)\D{0,20}(\d+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Window { get; }

    // "you requested 5000 tokens (4500 in the messages, 500 in the completion)"
    [GeneratedRegex(@"\((\d+) in the (?:messages|prompt|input)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Parts { get; }

    // "messages resulted in 9120 tokens", "You passed 9120 input tokens", "request (13220 tokens) exceeds", "your request has 9120 input tokens"
    [GeneratedRegex(@"(?:resulted in|passed|has|contains|contains at least|request \(|input \(|prompt \(|requested) ?(\d+) (?:input |prompt )?tokens", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Prompt { get; }
}
