using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Makes chat messages of what came over the wire.</summary>
internal static class MessageReader
{
    private static readonly JsonTypeInfo<IDictionary<string, object?>> s_arguments =
        (JsonTypeInfo<IDictionary<string, object?>>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>));

    public static List<ChatMessage> Read(List<WireMessage> messages)
    {
        List<ChatMessage> result = new(messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            WireMessage message = messages[i] ?? throw Wrong(i, "", "A message is null.");
            result.Add(Read(message, i));
        }

        return result;
    }

    private static ChatMessage Read(WireMessage message, int index)
    {
        ChatRole role = message.Role switch
        {
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "system" or "developer" => ChatRole.System,
            "tool" => ChatRole.Tool,
            "function" => throw Wrong(index, "role", "The role 'function' is no longer supported; use tools and the role 'tool'."),
            _ => throw Wrong(index, "role", "The role must be system, developer, user, assistant or tool."),
        };
        if (role == ChatRole.Tool)
        {
            return new ChatMessage(role, [new FunctionResultContent(message.ToolCallId ?? throw Wrong(index, "tool_call_id", "A tool message must name the call it answers."), TextOf(message, index))]);
        }

        // One text is by far the commonest; it takes no list of ours.
        ChatMessage result = message is { Content: [{ Type: "text", Text: { } text }], ToolCalls: null, ReasoningContent: null, Refusal: null }
            ? new ChatMessage(role, text)
            : new ChatMessage(role, Contents(message, index));
        result.AuthorName = message.Name;
        return result;
    }

    private static List<AIContent> Contents(WireMessage message, int index)
    {
        List<AIContent> contents = [];
        if (message.ReasoningContent is { } reasoning)
        {
            contents.Add(new TextReasoningContent(reasoning));
        }

        for (int i = 0; i < (message.Content?.Count ?? 0); i++)
        {
            contents.Add(PartReader.Read(message.Content![i], $"messages[{index}].content[{i}]"));
        }

        if (message.Refusal is { Length: > 0 } refusal)
        {
            contents.Add(new TextContent(refusal)); // as our own answers carry it, and clients send back
        }

        for (int i = 0; i < (message.ToolCalls?.Count ?? 0); i++)
        {
            contents.Add(Call(message.ToolCalls![i], $"messages[{index}].tool_calls[{i}]"));
        }

        return contents.Count > 0 || message.Role == "assistant" ? contents : throw Wrong(index, "content", "The message has no content.");
    }

    private static FunctionCallContent Call(WireToolCall? call, string path)
    {
        string name = call?.Function?.Name ?? throw new ApiException("invalid_request", "A tool call must name its function.", path);
        string id = call.Id ?? throw new ApiException("invalid_request", "A tool call must have an id.", path + ".id");
        try
        {
            IDictionary<string, object?>? arguments = string.IsNullOrWhiteSpace(call.Function.Arguments) ? null : JsonSerializer.Deserialize(call.Function.Arguments, s_arguments);
            return new FunctionCallContent(id, name, arguments);
        }
        catch (JsonException e)
        {
            string at = path + ".function.arguments";
            throw new ApiException(new ApiError("invalid_request", "The arguments of a tool call are not a JSON object.") { Parameter = at, Errors = [new ApiErrorItem(Pointers.Of(at), "Not a JSON object.")] }, e);
        }
    }

    private static string TextOf(WireMessage message, int index) =>
        message.Content is [{ Type: "text", Text: { } text }] ? text
        : message.Content is { } parts && parts.TrueForAll(static p => p is { Type: "text", Text: not null }) ? string.Concat(parts.Select(static p => p.Text))
        : throw Wrong(index, "content", "A tool's answer must be text.");

    private static ApiException Wrong(int index, string field, string detail) =>
        new("invalid_request", detail, field.Length > 0 ? $"messages[{index}].{field}" : $"messages[{index}]");
}
