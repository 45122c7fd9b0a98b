namespace Providers.Memory;

/// <summary>Tells numbers that mean something from numbers that look like it.</summary>
internal static class CheckDigits
{
    /// <summary>Luhn's check (ISO/IEC 7812-1) over the digits of a text.</summary>
    public static bool IsCard(string text)
    {
        int sum = 0, place = 0;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                continue;
            }

            int digit = text[i] - '0';
            if (place++ % 2 == 1)
            {
                digit = digit * 2 > 9 ? (digit * 2) - 9 : digit * 2;
            }

            sum += digit;
        }

        return place is >= 13 and <= 19 && sum % 10 == 0 && sum > 0;
    }

    /// <summary>The longest beginning of a text that is an account number; 0: none is.</summary>
    public static int IbanLength(string text)
    {
        for (int length = text.Length; length >= 15; length--)
        {
            if (text[length - 1] != ' ' && IsIban(text.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }

    private static bool IsIban(ReadOnlySpan<char> text)
    {
        Span<char> compact = stackalloc char[text.Length];
        int count = 0;
        foreach (char c in text)
        {
            if (c != ' ')
            {
                compact[count++] = c;
            }
        }

        int rest = 0;
        for (int i = 0; i < count; i++)
        {
            char c = compact[(i + 4) % count]; // the first four come last
            rest = char.IsAsciiDigit(c) ? ((rest * 10) + (c - '0')) % 97 : ((rest * 100) + (c - 'A' + 10)) % 97;
        }

        return count is >= 15 and <= 34 && rest == 1;
    }
}
