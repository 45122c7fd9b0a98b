using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>
/// Writes the request that nearly all requests are: messages of text alone, and options that are numbers. Says the same as the SDK would, in one pass;
/// what has anything else in it is left to the SDK.
/// </summary>
internal static class PlainRequest
{
    private const int MostKept = 64 * 1024;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? t_writer;

    /// <summary>Says whether a request can be written here.</summary>
    public static bool IsPlain(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        if (options is not null && !IsPlain(options))
        {
            return false;
        }

        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (RoleOf(message).IsEmpty || message is not { AuthorName: null, RawRepresentation: null, AdditionalProperties: null or { Count: 0 }, Contents: [TextContent { RawRepresentation: null } text] }
                || text.GetType() != typeof(TextContent))
            {
                return false;
            }
        }

        return messages.Count > 0;
    }

    /// <summary>Writes a request that is plain.</summary>
    public static byte[] Write(IReadOnlyList<ChatMessage> messages, ChatOptions? options, string model, ProfileTraits traits, bool stream)
    {
        (ArrayBufferWriter<byte> buffer, Utf8JsonWriter json) = t_writer ??= Create();
        try
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartArray("messages"u8);
            for (int i = 0; i < messages.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("role"u8, RoleOf(messages[i]));
                json.WriteString("content"u8, ((TextContent)messages[i].Contents[0]).Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Write(json, options, traits);
            if (stream)
            {
                json.WriteBoolean("stream"u8, true);
                json.WriteStartObject("stream_options"u8);
                json.WriteBoolean("include_usage"u8, true);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            buffer.ResetWrittenCount();
            json.Reset();
            if (buffer.Capacity > MostKept)
            {
                t_writer = null;
            }
        }
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) Create()
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        return (buffer, new Utf8JsonWriter(buffer, s_options));
    }

    private static bool IsPlain(ChatOptions options) => options is
    {
        ConversationId: null,
        Instructions: null,
        TopK: null,
        Reasoning: null,
        ResponseFormat: null,
        AllowMultipleToolCalls: null,
        ToolMode: null,
        Tools: null or { Count: 0 },
        AllowBackgroundResponses: null,
        ContinuationToken: null,
        RawRepresentationFactory: null,
        AdditionalProperties: null or { Count: 0 },
    };

    private static ReadOnlySpan<byte> RoleOf(ChatMessage message) =>
        message.Role == ChatRole.User ? "user"u8
        : message.Role == ChatRole.System ? "system"u8
        : message.Role == ChatRole.Assistant ? "assistant"u8
        : default;

    private static void Write(Utf8JsonWriter json, ChatOptions? options, ProfileTraits traits)
    {
        if (options is null)
        {
            return;
        }

        if (options.MaxOutputTokens is { } limit)
        {
            json.WriteNumber("max_completion_tokens"u8, limit);
            if (traits.SendsMaxTokens)
            {
                json.WriteNumber("max_tokens"u8, limit); // older servers and Ollama's and KoboldCpp's /v1 read nothing else
            }
        }

        Write(json, "temperature"u8, options.Temperature);
        Write(json, "top_p"u8, options.TopP);
        Write(json, "frequency_penalty"u8, options.FrequencyPenalty);
        Write(json, "presence_penalty"u8, options.PresencePenalty);
        if (options.Seed is { } seed)
        {
            json.WriteNumber("seed"u8, seed);
        }

        if (options.StopSequences is { Count: > 0 } stops)
        {
            json.WriteStartArray("stop"u8);
            foreach (string stop in stops)
            {
                json.WriteStringValue(stop);
            }

            json.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, float? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
