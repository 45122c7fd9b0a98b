using System.Globalization;

namespace Providers.Mcp.Benchmarks;

/// <summary>Texts of twelve words, one of which no other text has.</summary>
internal static class Corpus
{
    private static readonly string[] s_words = ["fjord", "harbour", "engine", "ledger", "garden", "signal", "copper", "winter", "library", "station", "market", "window", "river", "letter", "morning", "bridge"];

    public static string Word(int n) => string.Create(CultureInfo.InvariantCulture, $"term{n:D6}x");

    public static string Text(int n)
    {
        Random random = new(n);
        return string.Join(' ', Enumerable.Range(0, 11).Select(_ => s_words[random.Next(s_words.Length)]).Append(Word(n)));
    }
}
