using System.Text.Json.Nodes;
using Providers.Testing.Answers;
using Providers.Testing.Wires;

namespace Providers.Testing;

/// <summary>Speaks OpenAI's API, or that of a server that imitates it: chat, embeddings, models, rerank and health.</summary>
public sealed class OpenAIServer : ModelServer
{
    private const string Json = "application/json";

    private OpenAIServer(ModelServerOptions? options)
        : base(options)
    {
    }

    private protected override bool Http10 => Options.Kind is OpenAIServerKind.KoboldCpp;

    private bool AnyModel => Options.Models is [] || Options.Kind is OpenAIServerKind.LlamaServer or OpenAIServerKind.KoboldCpp or OpenAIServerKind.LMStudio;

    /// <summary>Starts a server. Its API is under <c>/v1</c>.</summary>
    /// <param name="options">What it answers; <see langword="null"/> for the defaults.</param>
    /// <returns>The listening server.</returns>
    public static Task<OpenAIServer> StartAsync(ModelServerOptions? options = null) => Task.FromResult(new OpenAIServer(options));

    private protected override bool IsInference(string path) => path is "/v1/chat/completions" or "/v1/embeddings" or "/v1/rerank";

    private protected override Task AnswerAsync(WireExchange exchange)
    {
        (string method, string path) = (exchange.Request.Method, exchange.Request.Path);
        if (path is not ("/health" or "/v1/health") && !Authorized(exchange))
        {
            return SendErrorAsync(exchange, new ErrorReply(401, "Incorrect API key provided.", "invalid_api_key"));
        }

        return (method, path) switch
        {
            ("GET", "/health" or "/v1/health") when Options.Kind is not (OpenAIServerKind.OpenAI or OpenAIServerKind.KoboldCpp) => exchange.SendAsync(200, Json, """{"status":"ok"}"""),
            ("GET", "/v1/models") => exchange.SendAsync(200, Json, Models().ToText()),
            ("GET", _) when path.StartsWith("/v1/models/", StringComparison.Ordinal) => ModelAsync(exchange, path["/v1/models/".Length..]),
            ("POST", "/v1/chat/completions") => ChatAsync(exchange),
            ("POST", "/v1/embeddings") when Options.Kind is not OpenAIServerKind.KoboldCpp => EmbedAsync(exchange),
            ("POST", "/v1/rerank") when Options.Kind is not OpenAIServerKind.KoboldCpp => RerankAsync(exchange),
            _ when Options.Kind is OpenAIServerKind.KoboldCpp => exchange.SendAsync(404, "text/html", ""),
            _ => SendErrorAsync(exchange, new ErrorReply(404, $"Invalid URL ({method} {path})")),
        };
    }

    private protected override Task SendErrorAsync(WireExchange exchange, ErrorReply error) => exchange.SendAsync(
        error.Status, Json, OpenAIErrors.Body(Options.Kind, error).ToText(),
        [.. Options.Kind is OpenAIServerKind.OpenAI ? [("x-request-id", "req_00000001")] : Array.Empty<(string, string)>(), .. error.RetryAfter is { } wait ? [("retry-after", wait)] : Array.Empty<(string, string)>()]);

    private bool Authorized(WireExchange exchange) => Options.ApiKeys is []
        || (exchange.Request.Headers.TryGetValue("Authorization", out string? value) && value.StartsWith("Bearer ", StringComparison.Ordinal) && Options.ApiKeys.Contains(value[7..]));

    private bool Serves(string? model) => AnyModel || (model is not null && (Options.Models.Contains(model) || model.StartsWith("fault:", StringComparison.Ordinal)));

    private Task MissingAsync(WireExchange exchange, string? model) =>
        SendErrorAsync(exchange, new ErrorReply(404, $"The model `{model}` does not exist or you do not have access to it.", "model_not_found"));

    private JsonObject Models()
    {
        JsonArray data = [];
        foreach (string id in Options.Models.DefaultIfEmpty("test-model"))
        {
            data.Add((JsonNode)Model(id));
        }

        return new JsonObject { ["object"] = "list", ["data"] = data };
    }

    private static JsonObject Model(string id) => new() { ["id"] = id, ["object"] = "model", ["created"] = 1_770_091_506, ["owned_by"] = "test" };

    private Task ModelAsync(WireExchange exchange, string id) => Serves(id) ? exchange.SendAsync(200, Json, Model(id).ToText()) : MissingAsync(exchange, id);

    private Task ChatAsync(WireExchange exchange)
    {
        if (exchange.Request.Json is not { } body || body["messages"] is not JsonArray { Count: > 0 })
        {
            int status = Options.Kind is OpenAIServerKind.LlamaServer or OpenAIServerKind.KoboldCpp ? 500 : 400;
            return SendErrorAsync(exchange, new ErrorReply(status, "We could not parse the JSON body of your request."));
        }

        if (!Serves(exchange.Request.Model))
        {
            return MissingAsync(exchange, exchange.Request.Model);
        }

        string[] limits = Options.Kind is OpenAIServerKind.KoboldCpp ? ["max_tokens"] : ["max_completion_tokens", "max_tokens"];
        OpenAIFormat format = new(Options.Kind, (bool?)body["stream_options"]?["include_usage"] is true, Options.Clock);
        ChatReply reply = ChatReply.For(exchange.Request, Options, exchange.Request.Model ?? "test-model", limits);
        return (bool?)body["stream"] is true ? ChatStreamer.StreamAsync(exchange, format, reply) : ChatStreamer.WholeAsync(exchange, format, reply);
    }

    private Task EmbedAsync(WireExchange exchange)
    {
        if (!Serves(exchange.Request.Model))
        {
            return MissingAsync(exchange, exchange.Request.Model);
        }

        bool base64 = (string?)exchange.Request.Json?["encoding_format"] == "base64";
        string data = string.Join(',', VectorReply.For(exchange, cutToDimensions: true).Select((v, i) =>
            $$"""{"object":"embedding","index":{{i}},"embedding":{{(base64 ? $"\"{Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes(v.AsSpan()))}\"" : VectorReply.Json(v))}}}"""));
        int tokens = VectorReply.Inputs(exchange.Request.Json?["input"]).Count * 2;
        return exchange.SendAsync(200, Json,
            $$"""{"object":"list","data":[{{data}}],"usage":{"prompt_tokens":{{tokens}},"total_tokens":{{tokens}}},"model":"{{exchange.Request.Model}}"}""");
    }

    private Task RerankAsync(WireExchange exchange)
    {
        float[] query = HashingVectors.Of((string?)exchange.Request.Json?["query"] ?? "", 64, Options.EmbeddingSpace);
        var scored = VectorReply.Inputs(exchange.Request.Json?["documents"])
            .Select((text, index) => (Index: index, Score: HashingVectors.Of(text, 64, Options.EmbeddingSpace).Zip(query, static (a, b) => (double)a * b).Sum()))
            .OrderByDescending(static r => r.Score);
        JsonArray results = [];
        foreach ((int index, double score) in scored)
        {
            results.Add((JsonNode)new JsonObject { ["index"] = index, ["relevance_score"] = score });
        }

        exchange.Log.Completed = true;
        return exchange.SendAsync(200, Json, new JsonObject { ["model"] = exchange.Request.Model, ["object"] = "list", ["results"] = results }.ToText());
    }
}
