using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>Reads the whole answer that nearly all answers are, one choice of text, in one pass over its bytes; leaves every other to the SDK.</summary>
internal static class PlainAnswer
{
    /// <summary>Reads an answer.</summary>
    /// <param name="json">The answer.</param>
    /// <returns><see langword="null"/>: it has something else in it, or is not as it should be.</returns>
    public static ChatResponse? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            Utf8JsonReader reader = new(json);
            return Read(ref reader) is { } answer && !reader.Read() ? answer : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null; // the SDK says what is wrong with it
        }
    }

    private static ChatResponse? Read(ref Utf8JsonReader reader)
    {
        string? id = null, model = null;
        long? created = null;
        Choice choice = default;
        UsageDetails? usage = null;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            bool known = reader.ValueTextEquals("choices"u8) ? !choice.Read && choice.TryRead(ref reader)
                : reader.ValueTextEquals("id"u8) ? PlainJson.TryText(ref reader, out id)
                : reader.ValueTextEquals("model"u8) ? PlainJson.TryText(ref reader, out model)
                : reader.ValueTextEquals("created"u8) ? PlainJson.TryNumber(ref reader, out created)
                : reader.ValueTextEquals("usage"u8) ? PlainUsage.TryRead(ref reader, out usage)
                : reader.ValueTextEquals("object"u8) ? PlainJson.Says(ref reader, "chat.completion"u8)
                : PlainJson.IsOfNoAccount(ref reader);
            if (!known)
            {
                return null;
            }
        }

        if (!choice.Read || id is null || model is null || created is not { } at)
        {
            return null;
        }

        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(at);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, choice.Text) { MessageId = id, CreatedAt = time })
        {
            ResponseId = id,
            ModelId = model,
            CreatedAt = time,
            FinishReason = choice.Finish,
            Usage = usage,
        };
    }

    /// <summary>One choice, the first, whose message is the assistant's text.</summary>
    private struct Choice
    {
        public bool Read;
        public string? Text;
        public ChatFinishReason? Finish;

        public bool TryRead(ref Utf8JsonReader reader)
        {
            bool assistant = false;
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartArray || !reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                bool known = reader.ValueTextEquals("message"u8) ? TryMessage(ref reader, out assistant)
                    : reader.ValueTextEquals("finish_reason"u8) ? PlainJson.TryFinish(ref reader, out Finish)
                    : reader.ValueTextEquals("index"u8) ? PlainJson.IsZero(ref reader)
                    : PlainJson.IsNull(ref reader);
                if (!known)
                {
                    return false;
                }
            }

            Read = assistant && Text is not null && Finish is not null;
            return Read && reader.Read() && reader.TokenType is JsonTokenType.EndArray;
        }

        private bool TryMessage(ref Utf8JsonReader reader, out bool assistant)
        {
            assistant = false;
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                bool known = reader.ValueTextEquals("role"u8) ? assistant = PlainJson.Says(ref reader, "assistant"u8)
                    : reader.ValueTextEquals("content"u8) ? Text is null && PlainJson.TryText(ref reader, out Text)
                    : reader.ValueTextEquals("annotations"u8) ? PlainJson.IsNullOrEmptyArray(ref reader)
                    : PlainJson.IsNull(ref reader);
                if (!known)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
