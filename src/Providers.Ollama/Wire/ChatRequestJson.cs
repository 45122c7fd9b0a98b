using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Tools;

namespace Providers.Ollama;

/// <summary>Writes the body of <c>/api/chat</c>: always streamed, so that leaving stops the server's work.</summary>
internal static class ChatRequestJson
{
    public static byte[] Write(OllamaPlan plan, string model, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model", model);
            ChatMessagesJson.Write(writer, messages, options?.Instructions);
            ToolDeclarations.Write(writer, options?.ToolMode is NoneChatToolMode ? null : options?.Tools);
            WriteFormat(writer, options?.ResponseFormat);
            writer.WriteBoolean("stream", true);
            KeepAliveJson.Write(writer, plan.KeepAlive);
            if (!plan.Truncate)
            {
                writer.WriteBoolean("truncate", false);
            }

            if (ThinkOf(plan, options) is { } think)
            {
                writer.WriteBoolean("think", think);
            }

            WriteOptions(writer, plan.ContextOf(model), options);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Writes the request that only loads a model: no messages.</summary>
    public static byte[] WarmUp(OllamaPlan plan, string model)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model", model);
            writer.WriteStartArray("messages");
            writer.WriteEndArray();
            writer.WriteBoolean("stream", false);
            KeepAliveJson.Write(writer, plan.KeepAlive);
            WriteOptions(writer, plan.ContextOf(model), null);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static bool? ThinkOf(OllamaPlan plan, ChatOptions? options) => options?.Reasoning?.Effort switch
    {
        null => plan.Think,
        ReasoningEffort.None => false,
        _ => true,
    };

    private static void WriteFormat(Utf8JsonWriter writer, ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json)
        {
            return;
        }

        if (json.Schema is { } schema)
        {
            writer.WritePropertyName("format");
            schema.WriteTo(writer);
        }
        else
        {
            writer.WriteString("format", "json");
        }
    }

    private static void WriteOptions(Utf8JsonWriter writer, int? context, ChatOptions? options)
    {
        writer.WriteStartObject("options");
        Write(writer, "num_ctx", Extra(options, "num_ctx") ?? context);
        Write(writer, "num_predict", options?.MaxOutputTokens);
        Write(writer, "temperature", options?.Temperature);
        Write(writer, "top_p", options?.TopP);
        Write(writer, "top_k", options?.TopK);
        Write(writer, "seed", options?.Seed);
        Write(writer, "presence_penalty", options?.PresencePenalty);
        Write(writer, "frequency_penalty", options?.FrequencyPenalty);
        if (options?.StopSequences is { Count: > 0 } stops)
        {
            writer.WriteStartArray("stop");
            foreach (string stop in stops)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static int? Extra(ChatOptions? options, string name) =>
        options?.AdditionalProperties is { } extra && extra.TryGetValue(name, out object? value) && value is int number ? number : null;

    private static void Write(Utf8JsonWriter writer, string name, float? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }
}
