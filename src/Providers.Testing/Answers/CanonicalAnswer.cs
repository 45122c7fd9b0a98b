namespace Providers.Testing;

/// <summary>The answer every double gives unless told otherwise: 60 numbered tokens, so that a lost, doubled or moved one shows.</summary>
public static class CanonicalAnswer
{
    /// <summary>The number of tokens.</summary>
    public const int Length = 60;

    /// <summary>The number of input tokens that doubles report for the canonical answer.</summary>
    public const int InputTokens = 7;

    /// <summary>Gets the tokens: <c>"t00 "</c> to <c>"t59 "</c>, each with its trailing space.</summary>
    public static IReadOnlyList<string> Tokens { get; } = [.. Enumerable.Range(0, Length).Select(static i => $"t{i:00} ")];

    /// <summary>Gets the whole answer.</summary>
    public static string Text { get; } = string.Concat(Tokens);

    /// <summary>Gets the first part of the answer.</summary>
    /// <param name="tokens">How many tokens, 0 to 60.</param>
    /// <returns>The text of that many tokens.</returns>
    public static string Prefix(int tokens) => string.Concat(Tokens.Take(tokens));

    /// <summary>Says whether a text is a part of the answer from its start on, cut at any character; the empty text is.</summary>
    /// <param name="text">What a caller got.</param>
    /// <returns><see langword="true"/> when no token is wrong, doubled or moved.</returns>
    public static bool StartsWith(string text) => Text.StartsWith(text, StringComparison.Ordinal);

    /// <summary>The tokens that are left to say after a partial answer.</summary>
    internal static IReadOnlyList<string> After(IReadOnlyList<string> tokens, string? partial)
    {
        string rest = (partial ?? "").TrimEnd();
        int taken = 0;
        while (rest.Length > 0 && taken < tokens.Count)
        {
            string token = tokens[taken];
            if (!rest.StartsWith(token.TrimEnd(), StringComparison.Ordinal))
            {
                return tokens; // not the beginning of this answer: answer from the start
            }

            rest = rest.Length > token.Length ? rest[token.Length..] : "";
            taken++;
        }

        return rest.Length == 0 && taken < tokens.Count ? [.. tokens.Skip(taken)] : tokens;
    }
}
