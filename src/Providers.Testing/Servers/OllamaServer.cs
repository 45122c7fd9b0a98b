using System.Text.Json.Nodes;
using Providers.Testing.Wires;

namespace Providers.Testing;

/// <summary>Speaks Ollama's native API: version, tags, ps, show, chat, embed and pull.</summary>
public sealed class OllamaServer : ModelServer
{
    private const string Json = "application/json; charset=utf-8";

    private OllamaServer(ModelServerOptions? options)
        : base(options)
    {
    }

    /// <summary>Starts a server.</summary>
    /// <param name="options">What it answers; <see langword="null"/> for the defaults.</param>
    /// <returns>The listening server.</returns>
    public static Task<OllamaServer> StartAsync(ModelServerOptions? options = null) => Task.FromResult(new OllamaServer(options));

    private protected override bool IsInference(string path) => path is "/api/chat" or "/api/embed";

    private protected override Task AnswerAsync(WireExchange exchange) => (exchange.Request.Method, exchange.Request.Path) switch
    {
        ("GET" or "HEAD", "/") => exchange.SendAsync(200, "text/plain; charset=utf-8", "Ollama is running"),
        ("GET", "/api/version") => exchange.SendAsync(200, Json, """{"version":"0.33.0"}"""),
        ("GET", "/api/tags") => exchange.SendAsync(200, Json, new JsonObject { ["models"] = OllamaModels.List(Options, loaded: false) }.ToText()),
        ("GET", "/api/ps") => exchange.SendAsync(200, Json, new JsonObject { ["models"] = OllamaModels.List(Options, loaded: true) }.ToText()),
        ("POST", "/api/show") => Known(exchange) ? exchange.SendAsync(200, Json, OllamaModels.Show(Options).ToText()) : MissingAsync(exchange),
        ("POST", "/api/chat") => ChatAsync(exchange),
        ("POST", "/api/embed") => EmbedAsync(exchange),
        ("POST", "/api/pull") => PullAsync(exchange),
        _ => exchange.SendAsync(404, "text/plain", "404 page not found"),
    };

    private protected override Task SendErrorAsync(WireExchange exchange, ErrorReply error) =>
        exchange.SendAsync(error.Status, Json, new JsonObject { ["error"] = Text(error) }.ToText(), error.RetryAfter is { } wait ? [("Retry-After", wait)] : []);

    private static string Text(ErrorReply error) => (error.Status, error.Code) switch
    {
        (_, "context_length_exceeded") =>
            """{"error":{"code":400,"message":"request (9120 tokens) exceeds the available context size (8192 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9120,"n_ctx":8192}}""",
        (503, null) => "server busy, please try again.  maximum pending requests exceeded",
        _ => error.Message,
    };

    private bool Known(WireExchange exchange) => Options.Models is [] || exchange.Request.Model is not { } model
        || model.StartsWith("fault:", StringComparison.Ordinal) || Options.Models.Contains(model) || Options.Models.Contains(model + ":latest")
        || Options.Models.Any(known => known + ":latest" == model);

    private Task MissingAsync(WireExchange exchange) =>
        SendErrorAsync(exchange, new ErrorReply(404, $"model '{exchange.Request.Model}' not found"));

    private Task ChatAsync(WireExchange exchange)
    {
        if (exchange.Request.Json is not { } body)
        {
            return SendErrorAsync(exchange, new ErrorReply(400, "missing request body"));
        }

        if (exchange.Request.Model is not { } model)
        {
            return SendErrorAsync(exchange, new ErrorReply(400, "model is required"));
        }

        if (!Known(exchange))
        {
            return MissingAsync(exchange);
        }

        if (body["messages"] is not JsonArray { Count: > 0 })
        {
            bool unload = body["keep_alive"]?.ToText() is "0" or "\"0\"";
            return exchange.SendAsync(200, Json, new JsonObject
            {
                ["model"] = model,
                ["created_at"] = "2026-02-03T04:05:06Z",
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = "" },
                ["done"] = true,
                ["done_reason"] = unload ? "unload" : "load",
            }.ToText());
        }

        OllamaFormat format = new(Options.Clock);
        ChatReply reply = ChatReply.For(exchange.Request, Options, model, "options.num_predict");
        bool streams = body["stream"]?.GetValueKind() is not System.Text.Json.JsonValueKind.False; // streams unless told not to
        return streams ? ChatStreamer.StreamAsync(exchange, format, reply) : ChatStreamer.WholeAsync(exchange, format, reply);
    }

    private Task EmbedAsync(WireExchange exchange)
    {
        if (!Known(exchange))
        {
            return SendErrorAsync(exchange, new ErrorReply(404, $"model \"{exchange.Request.Model}\" not found, try pulling it first"));
        }

        string vectors = string.Join(',', VectorReply.For(exchange, cutToDimensions: true).Select(VectorReply.Json));
        return exchange.SendAsync(200, Json,
            $$"""{"model":"{{exchange.Request.Model}}","embeddings":[{{vectors}}],"total_duration":20400000,"load_duration":1100000,"prompt_eval_count":{{VectorReply.Inputs(exchange.Request.Json?["input"]).Count * 3}}}""");
    }

    private async Task PullAsync(WireExchange exchange)
    {
        string model = exchange.Request.Model ?? "";
        await exchange.HeadersAsync(200, "application/x-ndjson", Framing.Chunked).ConfigureAwait(false);
        await exchange.BodyAsync("{\"status\":\"pulling manifest\"}\n").ConfigureAwait(false);
        if (model.StartsWith("missing", StringComparison.Ordinal))
        {
            await exchange.BodyAsync("{\"error\":\"pull model manifest: file does not exist\"}\n").ConfigureAwait(false);
        }
        else
        {
            foreach (int part in (int[])[25, 50, 100])
            {
                await exchange.BodyAsync($"{{\"status\":\"pulling 365c0bd3c000\",\"digest\":\"sha256:365c0bd3c000\",\"total\":100,\"completed\":{part}}}\n").ConfigureAwait(false);
            }

            await exchange.BodyAsync("{\"status\":\"success\"}\n").ConfigureAwait(false);
            Options.Models = Options.Models is [] || Options.Models.Contains(model) ? Options.Models : [.. Options.Models, model];
            exchange.Log.Completed = true;
        }

        await exchange.EndAsync().ConfigureAwait(false);
    }
}
