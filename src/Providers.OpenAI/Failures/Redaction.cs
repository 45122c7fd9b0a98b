using System.Text.RegularExpressions;

namespace Providers.OpenAI;

/// <summary>Takes keys out of what servers say: some repeat the one they refuse.</summary>
internal static partial class Redaction
{
    public static string Scrub(string text) => Key.Replace(text, "[key]");

    [GeneratedRegex(@"\b(?:sk-|gsk_|Bearer\s+)[A-Za-z0-9_.*-]{4,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Key { get; }
}
