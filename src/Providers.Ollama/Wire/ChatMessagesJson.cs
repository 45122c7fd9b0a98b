using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Ollama;

/// <summary>Writes messages as <c>/api/chat</c> takes them: text as one string, images beside it, results with name and id of their call.</summary>
internal static class ChatMessagesJson
{
    public static void Write(Utf8JsonWriter writer, IEnumerable<ChatMessage> messages, string? instructions)
    {
        Dictionary<string, string> names = [];
        writer.WriteStartArray("messages");
        if (!string.IsNullOrEmpty(instructions))
        {
            writer.WriteStartObject();
            writer.WriteString("role", "system");
            writer.WriteString("content", instructions);
            writer.WriteEndObject();
        }

        foreach (ChatMessage message in messages)
        {
            WriteResults(writer, message, names);
            WriteMessage(writer, message, names);
        }

        writer.WriteEndArray();
    }

    private static void WriteResults(Utf8JsonWriter writer, ChatMessage message, Dictionary<string, string> names)
    {
        foreach (FunctionResultContent result in message.Contents.OfType<FunctionResultContent>())
        {
            writer.WriteStartObject();
            writer.WriteString("role", "tool");
            writer.WriteString("content", result.Result as string ?? JsonSerializer.Serialize(result.Result, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object))));
            if (names.TryGetValue(result.CallId, out string? name))
            {
                writer.WriteString("tool_name", name);
            }

            writer.WriteString("tool_call_id", result.CallId);
            writer.WriteEndObject();
        }
    }

    private static void WriteMessage(Utf8JsonWriter writer, ChatMessage message, Dictionary<string, string> names)
    {
        FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
        string thinking = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(static r => r.Text));
        string[] images = [.. Images(message)];
        if (message.Text.Length == 0 && calls.Length == 0 && thinking.Length == 0 && images.Length == 0 && message.Contents.Any(static c => c is FunctionResultContent))
        {
            return; // nothing but results, which stand before it
        }

        writer.WriteStartObject();
        writer.WriteString("role", message.Role.Value);
        writer.WriteString("content", message.Text);
        if (thinking.Length > 0)
        {
            writer.WriteString("thinking", thinking);
        }

        if (images.Length > 0)
        {
            writer.WriteStartArray("images");
            foreach (string image in images)
            {
                writer.WriteStringValue(image);
            }

            writer.WriteEndArray();
        }

        WriteCalls(writer, calls, names);
        writer.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter writer, FunctionCallContent[] calls, Dictionary<string, string> names)
    {
        if (calls.Length == 0)
        {
            return;
        }

        writer.WriteStartArray("tool_calls");
        for (int i = 0; i < calls.Length; i++)
        {
            names[calls[i].CallId] = calls[i].Name;
            writer.WriteStartObject();
            writer.WriteString("id", calls[i].CallId);
            writer.WriteStartObject("function");
            writer.WriteNumber("index", i);
            writer.WriteString("name", calls[i].Name);
            writer.WritePropertyName("arguments");
            if (calls[i].Arguments is { } arguments)
            {
                JsonSerializer.Serialize(writer, arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));
            }
            else
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static IEnumerable<string> Images(ChatMessage message)
    {
        foreach (AIContent content in message.Contents)
        {
            if (content is DataContent data && data.HasTopLevelMediaType("image"))
            {
                yield return Convert.ToBase64String(data.Data.Span);
            }
            else if (content is UriContent uri && uri.HasTopLevelMediaType("image"))
            {
                throw new ProviderException(new ProviderFailure(FailureKind.BadRequest,
                    "Ollama takes images as bytes, not as addresses; load the image and pass it as DataContent.")
                { MissingCapability = ModelCapabilities.Vision });
            }
        }
    }
}
