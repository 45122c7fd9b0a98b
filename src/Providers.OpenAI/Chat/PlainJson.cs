using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>Reads single values of an answer. Each takes a reader that stands on the property's name, and is false for a value it does not know.</summary>
internal static class PlainJson
{
    public static bool TryText(ref Utf8JsonReader reader, out string? text)
    {
        text = reader.Read() && reader.TokenType is JsonTokenType.String ? reader.GetString() : null;
        return text is not null;
    }

    public static bool TryNumber(ref Utf8JsonReader reader, out long? number)
    {
        number = reader.Read() && reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out long value) ? value : null;
        return number is not null;
    }

    public static bool Says(ref Utf8JsonReader reader, ReadOnlySpan<byte> word) => reader.Read() && reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(word);

    public static bool Says(ref Utf8JsonReader reader, string word) => reader.Read() && reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(word);

    public static bool IsNull(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.Null;

    public static bool IsZero(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out int number) && number == 0;

    public static bool IsNullOrEmptyArray(ref Utf8JsonReader reader) =>
        reader.Read() && (reader.TokenType is JsonTokenType.Null || (reader.TokenType is JsonTokenType.StartArray && reader.Read() && reader.TokenType is JsonTokenType.EndArray));

    /// <summary>Reads a reason that every answer may end for; the others mean more than text.</summary>
    public static bool TryFinish(ref Utf8JsonReader reader, out ChatFinishReason? reason)
    {
        reason = null;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.String)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        reason = reader.ValueTextEquals("stop"u8) ? ChatFinishReason.Stop
            : reader.ValueTextEquals("length"u8) ? ChatFinishReason.Length
            : reader.ValueTextEquals("content_filter"u8) ? ChatFinishReason.ContentFilter
            : null;
        return reason is not null;
    }

    /// <summary>Says whether a property is one that no update and no answer shows: a null, or a text that only OpenAI itself has a use for.</summary>
    public static bool IsOfNoAccount(ref Utf8JsonReader reader)
    {
        bool text = reader.ValueTextEquals("service_tier"u8) || reader.ValueTextEquals("system_fingerprint"u8) || reader.ValueTextEquals("obfuscation"u8);
        return reader.Read() && (reader.TokenType is JsonTokenType.Null || (text && reader.TokenType is JsonTokenType.String));
    }
}
