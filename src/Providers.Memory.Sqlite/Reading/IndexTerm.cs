using System.Text;

namespace Providers.Memory.Sqlite;

/// <summary>
/// A word as the index has it: <c>unicode61 remove_diacritics 2</c> takes Latin letters' marks off and leaves those of other scripts. Words are only
/// counted by it: one of a handful of rare letters is counted wrongly, and found all the same.
/// </summary>
internal static class IndexTerm
{
    private const int FirstMark = 0x300, LastMark = 0x331, FinalSigma = 0x3C2;

    public static string Of(string word)
    {
        if (Ascii.IsValid(word))
        {
            return word.ToLowerInvariant();
        }

        StringBuilder term = new();
        Span<char> room = stackalloc char[Decomposition.MostParts];
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (rune.Value is not (>= FirstMark and <= LastMark))
            {
                Rune small = Rune.ToLowerInvariant(Decomposition.Of(rune, room) is [var letter] && char.IsAsciiLetter(letter) ? new Rune(letter) : rune);
                term.Append(small.Value == FinalSigma ? "\u03c3" : small.ToString());
            }
        }

        return term.ToString();
    }
}
