using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Providers.Tools.Shapes;

/// <summary>Text: bounded in characters or in bytes, of some characters only, one of some words, or a moment.</summary>
internal sealed class TextShape : Shape
{
    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    public int Least { get; init; } = 1;

    public int Most { get; init; } = 1_024;

    /// <summary>Gets a value indicating whether <see cref="Most"/> counts bytes of UTF-8.</summary>
    public bool InBytes { get; init; }

    /// <summary>Gets a value indicating whether only A-Z a-z 0-9 . _ : - are allowed.</summary>
    public bool IsName { get; init; }

    public string[]? Choices { get; init; }

    /// <summary>Gets a value indicating whether the text is a moment, as in 2026-11-26T10:00:00Z.</summary>
    public bool IsMoment { get; init; }

    public override string Wanted => Choices is not null ? $"one of {string.Join(", ", Choices)}"
        : IsMoment ? "a moment as in 2026-11-26T10:00:00Z"
        : IsName ? $"text of {Number(Least)} to {Number(Most)} of A-Z a-z 0-9 . _ : -"
        : $"text of {Number(Least)} to {Number(Most)} {Unit}";

    private string Unit => InBytes ? "bytes of UTF-8" : "characters";

    /// <summary>Reads a moment with its offset, or in UTC.</summary>
    public static bool TryReadMoment(string text, out DateTimeOffset moment) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment) && text.Length >= 10 && text[4] == '-';

    public override void Check(string field, JsonElement value, List<string> errors)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            Mistyped(field, value, errors);
            return;
        }

        if (TryRead(value) is not { } text)
        {
            errors.Add($"{field}: has half of a surrogate pair; it is no text.");
        }
        else if (Choices is not null)
        {
            if (!Choices.Contains(text, StringComparer.Ordinal))
            {
                errors.Add($"{field}: is '{Shown(text)}'; {Wanted} is allowed.");
            }
        }
        else if (IsMoment)
        {
            if (!TryReadMoment(text, out _))
            {
                errors.Add($"{field}: is '{Shown(text)}'; {Wanted} is wanted.");
            }
        }
        else
        {
            CheckLength(field, text, errors);
        }
    }

    protected override void WriteCore(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        if (Choices is not null)
        {
            writer.WriteStartArray("enum");
            foreach (string choice in Choices)
            {
                writer.WriteStringValue(choice);
            }

            writer.WriteEndArray();
        }
        else if (IsMoment)
        {
            writer.WriteString("format", "date-time");
        }
        else
        {
            WriteBounds(writer);
            if (IsName)
            {
                writer.WriteString("pattern", "^[A-Za-z0-9._:-]+$");
            }
        }
    }

    private void WriteBounds(Utf8JsonWriter writer)
    {
        if (Least > 0)
        {
            writer.WriteNumber("minLength", Least);
        }

        if (Most < int.MaxValue)
        {
            writer.WriteNumber("maxLength", Most);
        }
    }

    private static string? TryRead(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // an escaped lone surrogate
        }
    }

    private void CheckLength(string field, string text, List<string> errors)
    {
        int length = InBytes ? Encoding.UTF8.GetByteCount(text) : text.Length;
        if (length < Least || length > Most)
        {
            errors.Add($"{field}: has {Number(length)} {Unit}; {Number(Least)} to {Number(Most)} are allowed.");
        }
        else if (IsName && text.AsSpan().ContainsAnyExcept(s_nameCharacters))
        {
            errors.Add($"{field}: is '{Shown(text)}'; only A-Z a-z 0-9 . _ : - are allowed.");
        }
        else if (text.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add($"{field}: has the character U+0000 at {text.IndexOf('\0', StringComparison.Ordinal)}; it cannot be kept.");
        }
    }
}
