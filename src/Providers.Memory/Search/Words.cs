using System.Globalization;
using System.Text;

namespace Providers.Memory;

/// <summary>The words of a text: runs of letters and digits, without case and without diacritics, in whatever form they are composed; the same in every host.</summary>
internal static class Words
{
    public static List<string> Of(string text) => Ascii.IsValid(text) ? OfAscii(text) : OfAny(text);

    /// <summary>Most texts: nothing to take apart, and a word is a piece of the text.</summary>
    private static List<string> OfAscii(string text)
    {
        List<string> words = [];
        for (int i = 0; i < text.Length; i++)
        {
            int start = i;
            while (i < text.Length && char.IsAsciiLetterOrDigit(text[i]))
            {
                i++;
            }

            if (i > start)
            {
                words.Add(text[start..i].ToLowerInvariant());
            }
        }

        return words;
    }

    /// <summary>Gets the same words as they stand in the text, for an index that folds by rules of its own.</summary>
    public static List<string> AsWritten(string text)
    {
        List<string> words = [];
        int start = -1, at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsPart(rune) || (start >= 0 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark))
            {
                start = start < 0 ? at : start;
            }
            else if (start >= 0)
            {
                words.Add(text[start..at]);
                start = -1;
            }

            at += rune.Utf16SequenceLength;
        }

        if (start >= 0)
        {
            words.Add(text[start..]);
        }

        return words;
    }

    private static List<string> OfAny(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        Span<char> room = stackalloc char[Decomposition.MostParts];
        foreach (Rune rune in text.EnumerateRunes())
        {
            ReadOnlySpan<char> parts = Decomposition.Of(rune, room);
            if (parts.IsEmpty)
            {
                Add(rune, word, words);
                continue;
            }

            foreach (Rune part in parts.EnumerateRunes())
            {
                Add(part, word, words);
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    private static void Add(Rune rune, StringBuilder word, List<string> words)
    {
        if (IsPart(rune))
        {
            Span<char> units = stackalloc char[2];
            word.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
        }
        else if (word.Length > 0 && Rune.GetUnicodeCategory(rune) is not UnicodeCategory.NonSpacingMark)
        {
            words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool IsPart(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber or UnicodeCategory.PrivateUse;
}
