using System.Text.Json;
using System.Text.Json.Nodes;
using Providers.Testing.Wires;

namespace Providers.Testing;

/// <summary>
/// Speaks as <c>mlx_lm.server</c> 0.32 does: HTTP/1.0, closes after each answer, exact paths, 411 on chunked bodies, no byte after a
/// failed validation, 404 for whatever fails before the first token, and a health check that is always well.
/// </summary>
public sealed class MlxServer : ModelServer
{
    private MlxServer(ModelServerOptions? options)
        : base(options)
    {
    }

    private protected override bool Http10 => true;

    /// <summary>Starts a server.</summary>
    /// <param name="options">What it answers; <see langword="null"/> for the defaults.</param>
    /// <returns>The listening server.</returns>
    public static Task<MlxServer> StartAsync(ModelServerOptions? options = null) => Task.FromResult(new MlxServer(options));

    private protected override bool IsInference(string path) => path is "/v1/chat/completions" or "/chat/completions" or "/v1/embeddings";

    private protected override Task AnswerAsync(WireExchange exchange) => (exchange.Request.Method, exchange.Request.Target) switch
    {
        ("HEAD", _) => exchange.SendAsync(501, "text/html;charset=utf-8", ""),
        ("GET", "/health") => exchange.SendAsync(200, "application/json", """{"status": "ok"}"""),
        ("GET", "/v1/models") => exchange.SendAsync(200, "application/json", Models()),
        ("POST", "/v1/chat/completions" or "/chat/completions") => ChatAsync(exchange),
        ("POST", "/v1/embeddings") when Options.Embeds => EmbedAsync(exchange),
        _ => exchange.SendAsync(404, "application/json", "Not Found"),
    };

    private protected override Task SendErrorAsync(WireExchange exchange, ErrorReply error) =>
        exchange.SendAsync(error.Status, "application/json", new JsonObject { ["error"] = error.Message }.ToText(), error.RetryAfter is { } wait ? [("Retry-After", wait)] : []);

    private static bool IsNumber(JsonObject body, string name, double from, double to) =>
        !body.ContainsKey(name) || (body[name]?.GetValueKind() is JsonValueKind.Number && (double)body[name]! >= from && (double)body[name]! <= to);

    private static bool Valid(JsonObject body) => body["messages"] is JsonArray
        && IsNumber(body, "temperature", 0, double.MaxValue) && IsNumber(body, "top_p", 0, 1) && IsNumber(body, "top_k", 0, int.MaxValue)
        && IsNumber(body, "min_p", 0, 1) && IsNumber(body, "max_tokens", 0, int.MaxValue) && IsNumber(body, "max_completion_tokens", 0, int.MaxValue)
        && IsNumber(body, "seed", long.MinValue, long.MaxValue)
        && (!body.ContainsKey("stream") || body["stream"]?.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        && (!body.ContainsKey("model") || body["model"]?.GetValueKind() is JsonValueKind.String);

    private string Models()
    {
        JsonArray data = [];
        foreach (string id in Options.Models.DefaultIfEmpty("test-model"))
        {
            data.Add((JsonNode)new JsonObject { ["id"] = id, ["object"] = "model", ["created"] = 1_770_091_506 });
        }

        return new JsonObject { ["object"] = "list", ["data"] = data }.ToText();
    }

    private Task ChatAsync(WireExchange exchange)
    {
        if (exchange.Request.Chunked || !exchange.Request.Headers.ContainsKey("Content-Length"))
        {
            return SendErrorAsync(exchange, new ErrorReply(411, "Content-Length header is required"));
        }

        if (exchange.Request.Json is not { } body)
        {
            return SendErrorAsync(exchange, new ErrorReply(400, "Invalid JSON in request body: Expecting value: line 1 column 1 (char 0)"));
        }

        if (!Valid(body))
        {
            throw new CutException(reset: false); // the handler raised: the socket closes with no byte sent
        }

        string model = exchange.Request.Model ?? "default_model";
        if ((Missing(model) ?? Problem(body)) is { } problem)
        {
            return SendErrorAsync(exchange, new ErrorReply(404, problem));
        }

        bool includeUsage = (bool?)body["stream_options"]?["include_usage"] is true;
        MlxFormat format = new(includeUsage, Options.Clock);
        ChatReply reply = ChatReply.For(exchange.Request, Options, model, "max_completion_tokens", "max_tokens");
        return (bool?)body["stream"] is true ? ChatStreamer.StreamAsync(exchange, format, reply) : ChatStreamer.WholeAsync(exchange, format, reply);
    }

    private Task EmbedAsync(WireExchange exchange)
    {
        if (Missing(exchange.Request.Model ?? "default_model") is { } problem)
        {
            return SendErrorAsync(exchange, new ErrorReply(404, problem));
        }

        int tokens = VectorReply.Inputs(exchange.Request.Json?["input"]).Count * 2;
        string data = string.Join(',', VectorReply.For(exchange, cutToDimensions: false).Select(static (v, i) =>
            $$"""{"object":"embedding","index":{{i}},"embedding":{{VectorReply.Json(v)}}}"""));
        return exchange.SendAsync(200, "application/json", $$"""{"object":"list","data":[{{data}}],"usage":{"prompt_tokens":{{tokens}},"total_tokens":{{tokens}}},"model":"{{exchange.Request.Model}}"}""");
    }

    private string? Missing(string model) => Options.Models is [] || model == "default_model" || Options.Models.Contains(model) || model.StartsWith("fault:", StringComparison.Ordinal)
        ? null
        : $"Cannot find an appropriate cached snapshot folder for the specified revision of '{model}' on the local disk and outgoing traffic has been disabled.";

    private static string? Problem(JsonObject body)
    {
        JsonArray messages = (JsonArray)body["messages"]!;
        return messages.Any(static m => m is not JsonObject) ? "'str' object has no attribute 'get'"
            : messages.Any(static m => m!["content"] is JsonArray parts && parts.Any(static p => (string?)p?["type"] != "text")) ? "Only 'text' content type is supported."
            : null;
    }
}
