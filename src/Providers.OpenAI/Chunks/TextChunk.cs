using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>
/// Reads the chunk that nearly all chunks are, a piece of text and nothing else, in one pass over its bytes; leaves every other to the SDK.
/// What all chunks of a stream share is what the SDK's last update said; a chunk that says otherwise is the SDK's. One stream, one reader.
/// </summary>
internal sealed class TextChunk
{
    private ChatResponseUpdate? _last;
    private long _created;

    /// <summary>Takes an update of the SDK's for the pattern of those to come. After a finish reason everything is the SDK's.</summary>
    public void Follow(ChatResponseUpdate update)
    {
        _last = update is { ResponseId: not null, ModelId: not null, CreatedAt: not null, FinishReason: null } ? update : null;
        _created = update.CreatedAt?.ToUnixTimeSeconds() ?? 0;
    }

    /// <summary>Reads a chunk.</summary>
    /// <param name="json">The chunk.</param>
    /// <returns><see langword="null"/>: it has something else in it, or is not as it should be.</returns>
    public ChatResponseUpdate? TryRead(ReadOnlySpan<byte> json)
    {
        if (_last is not { } last)
        {
            return null;
        }

        try
        {
            Utf8JsonReader reader = new(json);
            string? text = null;
            bool said = false, id = false, model = false, created = false;
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("choices"u8))
                {
                    if (said || !TryChoices(ref reader, out text))
                    {
                        return null;
                    }

                    said = true;
                }
                else if (reader.ValueTextEquals("id"u8))
                {
                    id = reader.Read() && reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(last.ResponseId);
                }
                else if (reader.ValueTextEquals("model"u8))
                {
                    model = reader.Read() && reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(last.ModelId);
                }
                else if (reader.ValueTextEquals("created"u8))
                {
                    created = reader.Read() && reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out long at) && at == _created;
                }
                else if (!IsOfNoAccount(ref reader))
                {
                    return null;
                }
            }

            return text is null || !id || !model || !created ? null : new ChatResponseUpdate(last.Role, text)
            {
                ResponseId = last.ResponseId,
                MessageId = last.MessageId,
                ModelId = last.ModelId,
                CreatedAt = last.CreatedAt,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null; // the SDK says what is wrong with it
        }
    }

    private static bool IsOfNoAccount(ref Utf8JsonReader reader)
    {
        bool plain = reader.ValueTextEquals("object"u8) || reader.ValueTextEquals("service_tier"u8) || reader.ValueTextEquals("obfuscation"u8);
        return reader.Read() && (reader.TokenType is JsonTokenType.Null || (plain && reader.TokenType is JsonTokenType.String));
    }

    /// <summary>One choice, the first, that is not over and has text alone.</summary>
    private static bool TryChoices(ref Utf8JsonReader reader, out string? text)
    {
        text = null;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartArray || !reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("delta"u8))
            {
                if (!TryDelta(ref reader, out text))
                {
                    return false;
                }
            }
            else
            {
                bool index = reader.ValueTextEquals("index"u8);
                reader.Read();
                if (index ? reader.TokenType is not JsonTokenType.Number || reader.GetInt32() != 0 : reader.TokenType is not JsonTokenType.Null)
                {
                    return false;
                }
            }
        }

        return text is not null && reader.Read() && reader.TokenType is JsonTokenType.EndArray;
    }

    private static bool TryDelta(ref Utf8JsonReader reader, out string? text)
    {
        text = null;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            bool content = reader.ValueTextEquals("content"u8);
            reader.Read();
            if (content && reader.TokenType is JsonTokenType.String)
            {
                text = reader.GetString();
            }
            else if (reader.TokenType is not JsonTokenType.Null)
            {
                return false;
            }
        }

        return text is { Length: > 0 };
    }
}
