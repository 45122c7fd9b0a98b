using System.Globalization;
using System.Text;

namespace Providers.Memory.Tests.Folding;

/// <summary>What Unicode and the runtime say of characters, to hold the table against.</summary>
internal static class Unicode
{
    // Letters of Unicode 16, which the runtime knows and the ICU of today's systems does not: their small forms and their parts depend on the host.
    private static readonly (int First, int Last)[] s_new =
    [
        (0x1C89, 0x1C8A), (0xA7CB, 0xA7CD), (0xA7DA, 0xA7DC), (0x105C0, 0x105F3), (0x10D40, 0x10D8F), (0x11380, 0x113E2), (0x16100, 0x16139), (0x16D40, 0x16D79),
    ];

    /// <summary>Gets whether the runtime takes characters apart in this process.</summary>
    public static bool Normalizes => "\u00e9".Normalize(NormalizationForm.FormD).Length == 2;

    public static IEnumerable<Rune> Settled => Enumerable.Range(0, 0x110000).Where(static c => Rune.IsValid(c) && (c & 0xFFFE) != 0xFFFE && c is < 0xFDD0 or > 0xFDEF && !s_new.Any(n => n.First <= c && c <= n.Last)).Select(static c => new Rune(c));

    /// <summary>Random texts of many scripts, with marks of their own.</summary>
    public static IEnumerable<string> Texts(int count)
    {
        (int First, int Last)[] blocks = [(0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x3040, 0x30FF), (0xAC00, 0xD7A3), (0xF900, 0xFAD9), (0x2F800, 0x2FA1D)];
        Random random = new(127);
        for (int i = 0; i < count; i++)
        {
            StringBuilder text = new();
            for (int length = random.Next(1, 30); length > 0; length--)
            {
                (int first, int last) = blocks[random.Next(blocks.Length)];
                text.Append(new Rune(random.Next(first, last + 1)).ToString());
            }

            yield return text.ToString();
        }
    }

    /// <summary>The words as they were cut before there was a table: by the runtime's normalization.</summary>
    public static List<string> Words(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        foreach (Rune rune in text.Normalize(NormalizationForm.FormD).EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsLetterOrDigit(rune) || category is UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber or UnicodeCategory.PrivateUse)
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            }
            else if (category is not UnicodeCategory.NonSpacingMark && word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return word.Length > 0 ? [.. words, word.ToString()] : words;
    }

    /// <summary>The table, as source: every character that is made of others by more than arithmetic, with what it is made of, marks left out.</summary>
    public static string Table()
    {
        List<string> entries = [];
        foreach (Rune rune in Settled.Where(static r => r.Value is >= 0xC0 and not (>= 0xAC00 and <= 0xD7A3)))
        {
            string parts = string.Concat(rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes().Where(static r => Rune.GetUnicodeCategory(r) is not UnicodeCategory.NonSpacingMark));
            if (parts.EnumerateRunes().Any(Rune.IsLetter) && parts != rune.ToString())
            {
                entries.Add(Escape(rune.ToString()) + Escape(parts));
            }
        }

        StringBuilder source = new("namespace Providers.Memory;\n\n/// <content>Written by FoldingTests from the canonical decompositions of Unicode: composed characters, each with its parts, marks left out.</content>\ninternal static partial class Decomposition\n{\n    private const string Table =\n");
        foreach ((int i, string[] line) in entries.Chunk(14).Index())
        {
            source.Append(i == 0 ? "        \"" : " \" +\n        \"").AppendJoin(' ', line);
        }

        return source.Append("\";\n}\n").ToString();
    }

    private static string Escape(string text) => string.Concat(text.Select(static c => char.IsAscii(c) ? c.ToString() : $"\\u{(int)c:x4}"));
}
