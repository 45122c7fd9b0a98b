using System.Text;

namespace Providers.Memory;

/// <summary>
/// Takes composed characters apart as Unicode's canonical decomposition does, and leaves the marks out. A table of our own, since the runtime's
/// normalization does nothing in a host with <c>InvariantGlobalization</c>, and one memory may be shared by hosts of both kinds.
/// </summary>
internal static partial class Decomposition
{
    private const int FirstSyllable = 0xAC00, Syllables = 11_172, Vowels = 21, Tails = 28;
    private static readonly Dictionary<int, string> s_parts = Read();

    /// <summary>Gets what a character is made of, without its marks; <see langword="null"/>: itself.</summary>
    public static string? Of(Rune rune) =>
        rune.Value < 0xC0 ? null
        : rune.Value - FirstSyllable is >= 0 and < Syllables and var syllable ? Letters(syllable)
        : s_parts.GetValueOrDefault(rune.Value);

    /// <summary>A Hangul syllable is made of its letters by arithmetic.</summary>
    private static string Letters(int syllable)
    {
        char lead = (char)(0x1100 + (syllable / (Vowels * Tails))), vowel = (char)(0x1161 + (syllable / Tails % Vowels)), tail = (char)(0x11A7 + (syllable % Tails));
        return syllable % Tails == 0 ? new string([lead, vowel]) : new string([lead, vowel, tail]);
    }

    private static Dictionary<int, string> Read()
    {
        Dictionary<int, string> parts = [];
        foreach (Range range in Table.AsSpan().Split(' '))
        {
            ReadOnlySpan<char> entry = Table.AsSpan()[range];
            Rune.DecodeFromUtf16(entry, out Rune composed, out int length);
            parts.Add(composed.Value, entry[length..].ToString());
        }

        return parts;
    }
}
