using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>The messages of a chat request. Contents are plain strings; instructions join the first system message, as templates take only one.</summary>
internal static class ChatMessagesJson
{

    public static void Write(Utf8JsonWriter writer, IEnumerable<ChatMessage> messages, string? instructions)
    {
        writer.WriteStartArray("messages");
        bool first = true;
        foreach (ChatMessage message in messages)
        {
            string? prefix = first ? instructions : null;
            if (!string.IsNullOrEmpty(prefix) && message.Role != ChatRole.System)
            {
                WriteText(writer, "system", prefix);
                prefix = null;
            }

            first = false;
            Write(writer, message, prefix);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ChatMessage message, string? prefix)
    {
        FunctionResultContent[] results = [.. message.Contents.OfType<FunctionResultContent>()];
        foreach (FunctionResultContent result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("role", "tool");
            writer.WriteString("tool_call_id", result.CallId);
            writer.WriteString("content", result.Result as string ?? CompactJson.Of(result.Result));
            writer.WriteEndObject();
        }

        FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
        string text = message.Text;
        if (results.Length > 0 && calls.Length is 0 && text.Length is 0)
        {
            return;
        }

        text = string.IsNullOrEmpty(prefix) ? text : text.Length is 0 ? prefix : prefix + "\n\n" + text;
        if (calls.Length is 0)
        {
            WriteText(writer, message.Role.Value, text);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role", message.Role.Value);
        writer.WriteString("content", text);
        writer.WriteStartArray("tool_calls");
        foreach (FunctionCallContent call in calls)
        {
            writer.WriteStartObject();
            writer.WriteString("id", call.CallId);
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", call.Name);
            writer.WriteString("arguments", call.Arguments is null ? "{}" : CompactJson.Of(call.Arguments));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string role, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", text);
        writer.WriteEndObject();
    }
}
