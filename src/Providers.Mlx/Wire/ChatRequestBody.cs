using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Tools;

namespace Providers.Mlx;

/// <summary>The body of a chat request: only what the server reads, and nothing that is null, which it answers by closing the connection.</summary>
internal static class ChatRequestBody
{
    /// <summary>What the server reads beyond the options of M.E.AI; taken from <see cref="ChatOptions.AdditionalProperties"/>.</summary>
    private static readonly string[] Extras =
    [
        "min_p", "repetition_penalty", "repetition_context_size", "presence_context_size", "frequency_context_size",
        "xtc_probability", "xtc_threshold", "logit_bias", "logprobs", "top_logprobs", "num_draft_tokens", "chat_template_kwargs",
    ];

    public static byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model", options.ModelId);
            ChatMessagesJson.Write(writer, messages, options.Instructions);
            writer.WriteBoolean("stream", true);
            writer.WriteStartObject("stream_options");
            writer.WriteBoolean("include_usage", true);
            writer.WriteEndObject();
            WriteOptions(writer, options);
            WriteExtras(writer, options);
            ToolDeclarations.Write(writer, options.Tools);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteOptions(Utf8JsonWriter writer, ChatOptions options)
    {
        Integer("max_tokens", options.MaxOutputTokens);
        Float("temperature", options.Temperature);
        Float("top_p", options.TopP);
        Integer("top_k", options.TopK);
        Float("presence_penalty", options.PresencePenalty);
        Float("frequency_penalty", options.FrequencyPenalty);
        Integer("seed", options.Seed);
        if (options.StopSequences is { Count: > 0 } stops)
        {
            writer.WriteStartArray("stop");
            foreach (string stop in stops)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        void Integer(string name, long? value)
        {
            if (value is { } number)
            {
                writer.WriteNumber(name, number);
            }
        }

        void Float(string name, float? value)
        {
            if (value is { } number)
            {
                writer.WriteNumber(name, number);
            }
        }
    }

    private static void WriteExtras(Utf8JsonWriter writer, ChatOptions options)
    {
        foreach (string name in Extras)
        {
            if (options.AdditionalProperties?.TryGetValue(name, out object? value) is true && value is not null)
            {
                writer.WritePropertyName(name);
                if (name.StartsWith("xtc_", StringComparison.Ordinal) && value is int or long)
                {
                    writer.WriteRawValue($"{value}.0"); // the server takes a float here, and an int for an error
                }
                else
                {
                    JsonSerializer.Serialize(writer, value, CompactJson.Any);
                }
            }
        }

        if (options.Reasoning?.Effort is { } effort && options.AdditionalProperties?.ContainsKey("chat_template_kwargs") is not true)
        {
            writer.WriteStartObject("chat_template_kwargs");
            writer.WriteBoolean("enable_thinking", effort is not ReasoningEffort.None);
            writer.WriteEndObject();
        }
    }
}
