using System.Text.Json.Nodes;

namespace Providers.Testing.Wires;

/// <summary>Ollama's native chat: NDJSON, headers with the first token, <c>done:true</c> is the terminal mark.</summary>
internal sealed class OllamaFormat(TimeProvider clock) : ChatFormat
{
    public override string StreamType => "application/x-ndjson";

    public override string WholeType => "application/json; charset=utf-8";

    public override bool HeadersWithFirstToken => true;

    public override string Token(ChatReply reply, string text) => Line(reply, new JsonObject { ["role"] = "assistant", ["content"] = text });

    public override string Reasoning(ChatReply reply, string text) =>
        Line(reply, new JsonObject { ["role"] = "assistant", ["content"] = "", ["thinking"] = text });

    public override IEnumerable<string> ToolCall(ChatReply reply, bool cut)
    {
        ChatReply.Call call = reply.ToolCall ?? new ChatReply.Call("get_weather", """{"city":"Oslo"}""");
        string line = Line(reply, new JsonObject { ["role"] = "assistant", ["content"] = "", ["tool_calls"] = new JsonArray(CallNode(call)) });
        yield return cut ? line[..(line.IndexOf("\"arguments\"", StringComparison.Ordinal) + 20)] : line;
    }

    public override IEnumerable<string> Finish(ChatReply reply, bool usageWithChoices)
    {
        yield return Done(reply, new JsonObject { ["role"] = "assistant", ["content"] = "" }).ToText() + "\n";
    }

    public override string Malformed(ChatReply reply) => """{"model":"x","message":{"role":"assistant","content":"t""" + "\n";

    public override string Error(string message) => new JsonObject { ["error"] = message }.ToText() + "\n";

    public override string Whole(ChatReply reply, IReadOnlyList<string> tokens, bool finished)
    {
        JsonObject message = new() { ["role"] = "assistant", ["content"] = reply.ToolCall is null ? string.Concat(tokens) : "" };
        if (reply.Reasoning is { } reasoning)
        {
            message["thinking"] = reasoning;
        }

        if (reply.ToolCall is { } call)
        {
            message["tool_calls"] = new JsonArray(CallNode(call));
        }

        return (finished ? Done(reply, message) : Start(reply, message, done: false)).ToText();
    }

    private static JsonObject CallNode(ChatReply.Call call) => new()
    {
        ["id"] = ChatReply.Call.Id,
        ["function"] = new JsonObject { ["index"] = 0, ["name"] = call.Name, ["arguments"] = JsonNode.Parse(call.Arguments) },
    };

    private string Line(ChatReply reply, JsonObject message) => Start(reply, message, done: false).ToText() + "\n";

    private JsonObject Start(ChatReply reply, JsonObject message, bool done) => new()
    {
        ["model"] = reply.Model,
        ["created_at"] = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture),
        ["message"] = message,
        ["done"] = done,
    };

    private JsonObject Done(ChatReply reply, JsonObject message)
    {
        JsonObject done = Start(reply, message, done: true);
        done["done_reason"] = reply.CutByLength ? "length" : "stop"; // stays "stop" for tool calls too
        done["total_duration"] = 1_734_500_000;
        done["load_duration"] = 21_400_000;
        done["prompt_eval_count"] = reply.InputTokens;
        done["prompt_eval_duration"] = 118_200_000;
        done["eval_count"] = reply.OutputTokens;
        done["eval_duration"] = 92_700_000;
        return done;
    }
}
