using System.Text.Json;
using System.Text.Json.Nodes;
using Providers.Testing.Sockets;

namespace Providers.Testing.Wires;

/// <summary>What a request is to be answered with, before it is put into a wire's own form.</summary>
internal sealed record ChatReply(string Model, IReadOnlyList<string> Tokens, string? Reasoning, ChatReply.Call? ToolCall, bool CutByLength, int InputTokens)
{
    public int OutputTokens => ToolCall is null ? Tokens.Count : 1;

    public string Text => ToolCall is null ? string.Concat(Tokens) : "";

    public static ChatReply For(WireRequest request, ModelServerOptions options, string model, params IReadOnlyList<string> limits)
    {
        JsonArray messages = request.Json?["messages"] as JsonArray ?? [];
        IReadOnlyList<string> tokens = options.Echo
            ? Words(Content(messages.LastOrDefault(static m => Role(m) == "user")))
            : CanonicalAnswer.After(options.Answer, Content(messages.LastOrDefault(static m => Role(m) == "assistant")));
        int limit = limits.Select(path => Number(request.Json, path)).FirstOrDefault(static n => n is not null) ?? int.MaxValue;
        bool cut = limit > 0 && limit < tokens.Count;
        return new ChatReply(model, cut ? [.. tokens.Take(limit)] : tokens, options.Reasoning, ToolOf(request.Json, messages, options), cut, options.InputTokens);
    }

    private static Call? ToolOf(JsonObject? request, JsonArray messages, ModelServerOptions options) =>
        options.ToolArguments is { } arguments && request?["tools"] is JsonArray { Count: > 0 } tools && Role(messages.LastOrDefault()) != "tool"
            ? new Call((string?)tools[0]?["function"]?["name"] ?? "tool", arguments)
            : null;

    private static string? Role(JsonNode? message) => message is JsonObject o && o["role"] is JsonValue v && v.TryGetValue(out string? role) ? role : null;

    private static string Content(JsonNode? message) => message is not JsonObject o ? "" : o["content"] switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonArray parts => string.Concat(parts.Select(static p => p is JsonObject part ? (string?)part["text"] ?? "" : "")),
        _ => "",
    };

    private static string[] Words(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static (w, i) => i == 0 ? w : " " + w)];

    private static int? Number(JsonObject? request, string path)
    {
        JsonNode? node = request;
        foreach (string name in path.Split('.'))
        {
            node = node is JsonObject o ? o[name] : null;
        }

        return node?.GetValueKind() is JsonValueKind.Number && node.AsValue().TryGetValue(out int number) ? number : null;
    }

    internal sealed record Call(string Name, string Arguments)
    {
        public const string Id = "call_00000001";
    }
}
