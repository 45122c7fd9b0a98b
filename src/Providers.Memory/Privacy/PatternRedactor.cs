using System.Text.RegularExpressions;

namespace Providers.Memory;

/// <summary>Replaces personal data that has a recognisable form by its name in brackets, as <c>[email]</c>. It knows forms, not meaning: names and addresses pass.</summary>
/// <remarks>Safe for concurrent use. Every pattern is bounded, so that no text makes it slow.</remarks>
public sealed partial class PatternRedactor : IMemoryRedactor
{
    private readonly PersonalData _kinds;

    /// <summary>Creates a redactor.</summary>
    /// <param name="kinds">What to replace. Default: all.</param>
    public PatternRedactor(PersonalData kinds = PersonalData.All) => _kinds = kinds;

    /// <inheritdoc/>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // The most particular first: an account number must not be taken for a phone number.
        text = Replace(text, PersonalData.Secret, Secrets(), static (_, _) => "[secret]");
        text = Replace(text, PersonalData.Email, Emails(), static (_, _) => "[email]");
        text = Replace(text, PersonalData.Iban, Ibans(), static (found, _) => CheckDigits.IbanLength(found) is var length and > 0 ? "[iban]" + found[length..] : found);
        text = Replace(text, PersonalData.Card, Cards(), static (found, _) => CheckDigits.IsCard(found) ? "[card]" : found);
        text = Replace(text, PersonalData.IPAddress, Addresses(), static (_, _) => "[ip]");
        return Replace(text, PersonalData.Phone, Phones(), static (_, _) => "[phone]");
    }

    private string Replace(string text, PersonalData kind, Regex pattern, Func<string, Match, string> by) =>
        (_kinds & kind) == 0 ? text : pattern.Replace(text, match => by(match.Value, match));

    [GeneratedRegex(@"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![A-Za-z0-9-])", RegexOptions.CultureInvariant)]
    private static partial Regex Emails();

    [GeneratedRegex(@"(?<![\w+.,/-])(?<![0-9] )(?:\+[0-9]{1,3}|\(?0)(?:[ .()/-]{0,2}[0-9]){6,13}(?![\w])", RegexOptions.CultureInvariant)]
    private static partial Regex Phones();

    [GeneratedRegex(@"(?<![0-9.,-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Cards();

    [GeneratedRegex(@"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}", RegexOptions.CultureInvariant)]
    private static partial Regex Ibans();

    [GeneratedRegex(@"(?<![0-9.])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?![0-9.]*[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Addresses();

    [GeneratedRegex(
        @"(?<![A-Za-z0-9_-])(?:(?:sk|pk|rk|ms_live)[-_][A-Za-z0-9_-]{16,200}|gh[pousr]_[A-Za-z0-9]{36,200}|AKIA[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,200}|AIza[A-Za-z0-9_-]{35}|eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{0,2000}|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Secrets();
}
