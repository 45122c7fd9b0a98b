using System.Text.Json.Nodes;

namespace Providers.Testing.Wires;

/// <summary>mlx_lm.server's chat over SSE: close-delimited, role on every delta, whole tool calls, keepalive comments.</summary>
internal sealed class MlxFormat(bool includeUsage, TimeProvider clock) : ChatFormat
{
    public override string StreamType => "text/event-stream";

    public override Framing StreamFraming => Framing.Close;

    public override string? Mark => "data: [DONE]\n\n";

    public override IEnumerable<(string Name, string Value)> Headers => [("Cache-Control", "no-cache"), ("Access-Control-Allow-Origin", "*")];

    public override IEnumerable<string> Opening(ChatReply reply) => [$": keepalive {reply.InputTokens}/{reply.InputTokens}\n\n"];

    public override string? Comment(int index) => $": keepalive {(index + 1) * 2_048}/1000000\n\n";

    public override string Token(ChatReply reply, string text) => Chunk(reply, "content", text, null);

    public override string Reasoning(ChatReply reply, string text) => Chunk(reply, "reasoning", text, null);

    public override IEnumerable<string> ToolCall(ChatReply reply, bool cut)
    {
        ChatReply.Call call = reply.ToolCall ?? new ChatReply.Call("get_weather", """{"city":"Oslo"}""");
        string chunk = Chunk(reply, "tool_calls", new JsonArray(CallNode(call)), null);
        yield return cut ? chunk[..(chunk.IndexOf("\"arguments\"", StringComparison.Ordinal) + 20)] : chunk;
    }

    public override IEnumerable<string> Finish(ChatReply reply, bool usageWithChoices)
    {
        JsonObject finish = Body(reply, null, null, FinishReason(reply));
        if (usageWithChoices)
        {
            finish["usage"] = Usage(reply);
        }

        yield return $"data: {finish.ToText()}\n\n";
        if (includeUsage && !usageWithChoices)
        {
            JsonObject usage = Start(reply, "chat.completion"); // so the real server names it
            usage["choices"] = new JsonArray();
            usage["usage"] = Usage(reply);
            yield return $"data: {usage.ToText()}\n\n";
        }
    }

    public override string Malformed(ChatReply reply) => "data: {\"id\": \"chatcmpl-1\", \"choices\": [{\"index\": 0, \"del\n\n";

    public override string Error(string message) => $"data: {new JsonObject { ["error"] = message }.ToText()}\n\n";

    public override string Whole(ChatReply reply, IReadOnlyList<string> tokens, bool finished)
    {
        JsonObject message = new() { ["role"] = "assistant", ["content"] = reply.ToolCall is null ? string.Concat(tokens) : null, ["tool_calls"] = new JsonArray() };
        if (reply.Reasoning is { } reasoning)
        {
            message["reasoning"] = reasoning;
        }

        if (reply.ToolCall is { } call)
        {
            message["tool_calls"] = new JsonArray(CallNode(call));
        }

        JsonObject whole = Start(reply, "chat.completion");
        whole["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["finish_reason"] = finished ? FinishReason(reply) : null, ["message"] = message });
        whole["usage"] = Usage(reply);
        return whole.ToText();
    }

    private static JsonObject CallNode(ChatReply.Call call) => new()
    {
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
        ["type"] = "function",
        ["id"] = ChatReply.Call.Id,
        ["index"] = 0,
    };

    private static string FinishReason(ChatReply reply) => reply.ToolCall is not null ? "tool_calls" : reply.CutByLength ? "length" : "stop";

    private static JsonObject Usage(ChatReply reply) => new()
    {
        ["prompt_tokens"] = reply.InputTokens,
        ["completion_tokens"] = reply.OutputTokens,
        ["total_tokens"] = reply.InputTokens + reply.OutputTokens,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
    };

    private string Chunk(ChatReply reply, string name, JsonNode value, string? finish) => $"data: {Body(reply, name, value, finish).ToText()}\n\n";

    private JsonObject Body(ChatReply reply, string? name, JsonNode? value, string? finish)
    {
        JsonObject delta = new() { ["role"] = "assistant" };
        if (name is not null)
        {
            delta[name] = value;
        }

        JsonObject body = Start(reply, "chat.completion.chunk");
        body["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["finish_reason"] = finish, ["delta"] = delta });
        return body;
    }

    private JsonObject Start(ChatReply reply, string type) => new()
    {
        ["id"] = "chatcmpl-00000000-0000-0000-0000-000000000001",
        ["system_fingerprint"] = "0.32.0-0.32.1-macOS-26.5.1-arm64-arm-64bit-applegpu_g16s",
        ["object"] = type,
        ["model"] = reply.Model,
        ["created"] = clock.GetUtcNow().ToUnixTimeSeconds(),
    };
}
