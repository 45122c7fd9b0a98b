using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Providers.OpenAI;

/// <summary>Log probabilities, which Microsoft.Extensions.AI has no words for: asked for and answered under OpenAI's own names, in the additional properties.</summary>
internal static class LogProbabilities
{
    private const string Key = "logprobs";
    private const string TopKey = "top_logprobs";

    public static bool AreAsked(ChatOptions options) => options.AdditionalProperties is { } properties && properties.TryGetValue(Key, out object? value) && value is true;

    public static void Ask(ChatCompletionOptions raw, ChatOptions options)
    {
        raw.IncludeLogProbabilities = true;
        if (options.AdditionalProperties!.TryGetValue(TopKey, out object? top) && top is int count)
        {
            raw.TopLogProbabilityCount = count;
        }
    }

    public static void Copy(ChatResponse response)
    {
        if (response.RawRepresentation is ChatCompletion { ContentTokenLogProbabilities: { Count: > 0 } tokens })
        {
            (response.AdditionalProperties ??= [])[Key] = Write(tokens);
        }
    }

    public static void Copy(ChatResponseUpdate update)
    {
        if (update.RawRepresentation is StreamingChatCompletionUpdate { ContentTokenLogProbabilities: { Count: > 0 } tokens })
        {
            (update.AdditionalProperties ??= [])[Key] = Write(tokens);
        }
    }

    private static JsonElement Write(IEnumerable<ChatTokenLogProbabilityDetails> tokens)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("content"u8);
            foreach (ChatTokenLogProbabilityDetails token in tokens)
            {
                writer.WriteStartObject();
                Write(writer, token.Token, token.LogProbability, token.Utf8Bytes);
                writer.WriteStartArray("top_logprobs"u8);
                foreach (ChatTokenTopLogProbabilityDetails top in token.TopLogProbabilities)
                {
                    writer.WriteStartObject();
                    Write(writer, top.Token, top.LogProbability, top.Utf8Bytes);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        using JsonDocument document = JsonDocument.Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
        return document.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter writer, string token, float probability, ReadOnlyMemory<byte>? utf8)
    {
        writer.WriteString("token"u8, token);
        writer.WriteNumber("logprob"u8, probability);
        if (utf8 is not { } bytes)
        {
            writer.WriteNull("bytes"u8);
            return;
        }

        writer.WriteStartArray("bytes"u8);
        foreach (byte b in bytes.Span)
        {
            writer.WriteNumberValue(b);
        }

        writer.WriteEndArray();
    }
}
