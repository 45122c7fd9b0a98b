using System.Globalization;
using System.Text;

namespace Providers.Memory;

/// <summary>The words of a text: runs of letters and digits, without case and without diacritics, as SQLite's unicode61 tokenizer cuts them.</summary>
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

    private static List<string> OfAny(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        Span<char> units = stackalloc char[2];
        foreach (Rune rune in text.Normalize(NormalizationForm.FormD).EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            if (Rune.IsLetterOrDigit(rune) || category is UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber or UnicodeCategory.PrivateUse)
            {
                word.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
