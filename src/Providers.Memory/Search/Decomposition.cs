using System.Text;

namespace Providers.Memory;

/// <summary>
/// Takes composed characters apart as Unicode's canonical decomposition does, and leaves the marks out. A table of our own, since the runtime's
/// normalization does nothing in a host with <c>InvariantGlobalization</c>, and one memory may be shared by hosts of both kinds.
/// </summary>
internal static partial class Decomposition
{
    /// <summary>How many UTF-16 units a character is made of at most.</summary>
    public const int MostParts = 4;

    private const int FirstSyllable = 0xAC00, Syllables = 11_172, Vowels = 21, Tails = 28;
    private static readonly Dictionary<int, (ushort At, byte Length)> s_parts = Read();

    /// <summary>Gets what a character is made of, without its marks; empty: itself.</summary>
    /// <param name="rune">The character.</param>
    /// <param name="room">Where to put parts that stand in no table: at least <see cref="MostParts"/>.</param>
    public static ReadOnlySpan<char> Of(Rune rune, Span<char> room) =>
        rune.Value < 0xC0 ? []
        : rune.Value - FirstSyllable is >= 0 and < Syllables and var syllable ? Letters(syllable, room)
        : s_parts.TryGetValue(rune.Value, out (ushort At, byte Length) parts) ? Table.AsSpan(parts.At, parts.Length)
        : [];

    /// <summary>A Hangul syllable is made of its letters by arithmetic.</summary>
    private static ReadOnlySpan<char> Letters(int syllable, Span<char> room)
    {
        room[0] = (char)(0x1100 + (syllable / (Vowels * Tails)));
        room[1] = (char)(0x1161 + (syllable / Tails % Vowels));
        room[2] = (char)(0x11A7 + (syllable % Tails));
        return syllable % Tails == 0 ? room[..2] : room[..3];
    }

    private static Dictionary<int, (ushort At, byte Length)> Read()
    {
        Dictionary<int, (ushort At, byte Length)> parts = new(Table.AsSpan().Count(' ') + 1);
        foreach (Range range in Table.AsSpan().Split(' '))
        {
            (int at, int length) = range.GetOffsetAndLength(Table.Length);
            Rune composed = Rune.GetRuneAt(Table, at);
            parts.Add(composed.Value, ((ushort)(at + composed.Utf16SequenceLength), (byte)(length - composed.Utf16SequenceLength)));
        }

        return parts;
    }
}
