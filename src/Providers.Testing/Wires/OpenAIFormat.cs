using System.Text.Json.Nodes;

namespace Providers.Testing.Wires;

/// <summary>OpenAI's chat over SSE, with the habits of the servers that imitate it.</summary>
internal sealed class OpenAIFormat(OpenAIServerKind kind, bool includeUsage, TimeProvider clock) : ChatFormat
{
    private bool Kobold => kind is OpenAIServerKind.KoboldCpp;

    private string ReasoningName => kind is OpenAIServerKind.OpenAI ? "reasoning" : "reasoning_content";

    public override string StreamType => kind is OpenAIServerKind.OpenAI ? "text/event-stream; charset=utf-8" : "text/event-stream";

    public override string? Mark => Kobold ? "data: [DONE]" : "data: [DONE]\n\n"; // KoboldCpp leaves the blank line out

    public override IEnumerable<(string Name, string Value)> Headers => kind is OpenAIServerKind.OpenAI
        ? [("x-request-id", "req_00000001"), ("openai-processing-ms", "12"), ("x-ratelimit-limit-requests", "500"), ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "120ms"), ("x-ratelimit-limit-tokens", "30000"), ("x-ratelimit-remaining-tokens", "29950"), ("x-ratelimit-reset-tokens", "100ms")]
        : kind is OpenAIServerKind.LlamaServer ? [("Keep-Alive", "timeout=5, max=100")] : [];

    public override IEnumerable<string> Opening(ChatReply reply) =>
        Kobold ? [] : [Chunk(reply, new JsonObject { ["role"] = "assistant", ["content"] = kind is OpenAIServerKind.LlamaServer ? null : "" })];

    public override string? Comment(int index) => ": keep-alive\n\n";

    public override string Token(ChatReply reply, string text) => Chunk(reply, new JsonObject { ["content"] = text });

    public override string Reasoning(ChatReply reply, string text) => Chunk(reply, new JsonObject { [ReasoningName] = text });

    public override IEnumerable<string> ToolCall(ChatReply reply, bool cut)
    {
        ChatReply.Call call = reply.ToolCall ?? new ChatReply.Call("get_weather", """{"city":"Oslo"}""");
        JsonObject first = new() { ["index"] = 0, ["id"] = ChatReply.Call.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = "" } };
        yield return Chunk(reply, new JsonObject { ["tool_calls"] = new JsonArray(first) });
        int half = call.Arguments.Length / 2;
        yield return Chunk(reply, Arguments(call.Arguments[..half]));
        if (!cut)
        {
            yield return Chunk(reply, Arguments(call.Arguments[half..]));
        }
    }

    public override IEnumerable<string> Finish(ChatReply reply, bool usageWithChoices)
    {
        yield return Chunk(reply, [], FinishReason(reply), usageWithChoices ? Usage(reply) : null);
        if (includeUsage && !usageWithChoices && !Kobold)
        {
            JsonObject last = Start(reply, "chat.completion.chunk");
            last["choices"] = new JsonArray();
            last["usage"] = Usage(reply);
            if (kind is OpenAIServerKind.LlamaServer)
            {
                last["timings"] = new JsonObject { ["prompt_n"] = reply.InputTokens, ["predicted_n"] = reply.OutputTokens, ["predicted_ms"] = 92.7 };
            }

            yield return Event(last);
        }
    }

    public override string Malformed(ChatReply reply) => "data: {\"id\":\"chatcmpl-00000001\",\"choices\":[{\"index\":0,\"delta\":{\"con\n\n";

    public override string Error(string message) => Event(OpenAIErrors.Body(kind, new ErrorReply(500, message, "server_error")));

    public override string Whole(ChatReply reply, IReadOnlyList<string> tokens, bool finished)
    {
        JsonObject message = new() { ["role"] = "assistant", ["content"] = reply.ToolCall is null ? string.Concat(tokens) : null };
        if (reply.Reasoning is { } reasoning)
        {
            message[ReasoningName] = reasoning;
        }

        if (reply.ToolCall is { } call)
        {
            message["tool_calls"] = new JsonArray(new JsonObject
            {
                ["id"] = ChatReply.Call.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
            });
        }

        JsonObject whole = Start(reply, "chat.completion");
        whole["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["logprobs"] = null, ["finish_reason"] = finished ? FinishReason(reply) : null });
        whole["usage"] = Usage(reply);
        return whole.ToText();
    }

    private static JsonObject Arguments(string part) =>
        new() { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = 0, ["function"] = new JsonObject { ["arguments"] = part } }) };

    private static string FinishReason(ChatReply reply) => reply.ToolCall is not null ? "tool_calls" : reply.CutByLength ? "length" : "stop";

    private static string Event(JsonObject body) => $"data: {body.ToText()}\n\n";

    private string Chunk(ChatReply reply, JsonObject delta, string? finish = null, JsonObject? usage = null)
    {
        JsonObject chunk = Start(reply, "chat.completion.chunk");
        chunk["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish ?? (Kobold ? "null" : null) });
        if (usage is not null)
        {
            chunk["usage"] = usage;
        }

        return Event(chunk);
    }

    private JsonObject Start(ChatReply reply, string type) => new()
    {
        ["id"] = "chatcmpl-00000001",
        ["object"] = type,
        ["created"] = clock.GetUtcNow().ToUnixTimeSeconds(),
        ["model"] = reply.Model,
    };

    private JsonObject Usage(ChatReply reply) => Kobold
        ? new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 100, ["total_tokens"] = 200 }
        : new JsonObject { ["prompt_tokens"] = reply.InputTokens, ["completion_tokens"] = reply.OutputTokens, ["total_tokens"] = reply.InputTokens + reply.OutputTokens };
}
