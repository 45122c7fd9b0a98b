using static Providers.FaultWall.Tests.Shapes.Shape;

namespace Providers.FaultWall.Tests.Shapes;

/// <summary>The classification tables of docs/failure-shapes.md: every signal a server is known to give, in its own words, and what it means.</summary>
internal static class WireTable
{
    private const FaultWallWire Ollama = FaultWallWire.Ollama, OpenAI = FaultWallWire.OpenAI, Mlx = FaultWallWire.Mlx;
    private const string Delta = """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"model","choices":[{"index":0,"delta":{"role":"assistant","content":"Os"},"finish_reason":null}]}""";
    private const string Line = """{"model":"model","created_at":"2026-11-23T00:00:00Z","message":{"role":"assistant","content":"Os"},"done":false}""";

    public static IReadOnlyList<Shape> All { get; } =
    [
        .. Rows("rate limit", OpenAI, FailureKind.RateLimited,
            (429, Code("rate_limit_exceeded")), (429, Code("slow_down")), (429, """{"error":{"message":"m","type":"tokens"}}"""), (429, ""), (200, Code("rate_limit_exceeded")), (200, """{"error":{"message":"m","code":429}}""")),
        .. Rows("quota and billing", OpenAI, FailureKind.QuotaExhausted,
            (429, Code("insufficient_quota")), (429, Code("credit_balance_exhausted")), (403, Code("billing_not_active")), (402, Code("billing_hard_limit_reached")), (402, "")),
        .. Rows("key, permission, region", OpenAI, FailureKind.AuthFailed,
            (401, Code("invalid_api_key")), (401, ""), (403, Code("unsupported_country_region_territory")), (403, "")),
        .. Rows("unknown model", OpenAI, FailureKind.ModelMissing, (404, Code("model_not_found")), (404, Text("The model `model` does not exist"))),
        .. Rows("wrong path", OpenAI, FailureKind.BadRequest, (404, "Not Found"), (404, ""), (404, "404 page not found"), (404, """{"error":{"message":"Invalid URL (POST /chat/completions)","type":"invalid_request_error"}}""")),
        .. Rows("too long", OpenAI, FailureKind.ContextLengthExceeded,
            (400, Code("context_length_exceeded")), (413, Text("This model's maximum context length is 8192 tokens.")), (422, Text("the model's context length is only 8192 tokens")), (400, Code("exceed_context_size_error"))),
        .. Rows("filter", OpenAI, FailureKind.ContentFiltered,
            (400, Code("content_filter")), (400, Code("content_policy_violation")), (400, """{"error":{"message":"m","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""")),
        .. Rows("loading", OpenAI, FailureKind.ModelLoading, (503, Text("Loading model")), (503, """{"error":{"message":"m","type":"unavailable_error"}}"""), (503, Text("The model is loading"))),
        .. Rows("overloaded", OpenAI, FailureKind.Overloaded, (503, ""), (529, ""), (498, Code("capacity_exceeded")), (503, Code("server_is_overloaded")), (500, Text("The engine is overloaded"))),
        .. Rows("server fault", OpenAI, FailureKind.Transient, [.. new[] { 500, 502, 504, 520, 521, 522, 523, 524, 408, 409 }.Select(static s => (s, Text("The server had an error")))]),
        .. Rows("other 4xx", OpenAI, FailureKind.BadRequest, [.. new[] { 400, 405, 415, 422 }.Select(static s => (s, Text("Invalid value for 'temperature'")))]),
        .. Rows("page of a proxy", OpenAI, FailureKind.Transient, (500, Page), (503, Page), (504, Page)),
        .. Rows("page of a portal", OpenAI, FailureKind.Unknown, (400, Page), (422, Page)),
        .. Rows("error inside a 200", OpenAI, FailureKind.Transient, (200, """{"error":{"message":"upstream","code":502}}"""), (200, """{"error":{"message":"m","type":"server_error"}}""")),
        new("event: error before content", OpenAI, Ways.Streamed, Events("ok", "event: error\n" + "data: " + Code("insufficient_quota")), FailureKind.QuotaExhausted, Then.FailsOver, true),
        new("event: error after content", OpenAI, Ways.Streamed, Events("ok", Delta, "event: error\n" + "data: " + Text("died")), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("error: line", OpenAI, Ways.Streamed, Events("ok", "error: " + """{"code":503,"message":"Loading model","type":"unavailable_error"}"""), FailureKind.ModelLoading, Then.FailsOver, false),
        new("malformed chunk", OpenAI, Ways.Streamed, Events("ok", Delta, "data: {oops}"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("finish reason content_filter", OpenAI, Ways.Streamed, Events("ok", Delta, Delta.Replace("\"finish_reason\":null", "\"finish_reason\":\"content_filter\"", StringComparison.Ordinal), "data: [DONE]"), null, Then.Serves, false) { Text = "OsOs" },

        .. Rows("load or runner failure", Ollama, FailureKind.Transient,
            (500, Plain("llama-server process has terminated: exit status 2")), (500, Plain("model runner has unexpectedly stopped, this may be due to resource limitations")),
            (500, Plain("an error was encountered while running the model: unexpected EOF"))),
        .. Rows("out of memory", Ollama, FailureKind.Overloaded,
            (500, Plain("llama-server process has terminated: cudaMalloc failed: out of memory")), (500, Plain("failed to allocate compute buffers")), (500, Plain("insufficient memory")),
            (500, Plain("unable to load full model on GPU")), (500, Plain("model requires more system memory (9.9 GiB) than is available (1.2 GiB)"))),
        .. Rows("no such model", Ollama, FailureKind.ModelMissing, (404, Plain("model \\\"model\\\" not found, try pulling it first")), (500, Plain("pull model manifest: file does not exist"))),
        .. Rows("bad name", Ollama, FailureKind.BadRequest, (400, Plain("model is required")), (400, Plain("invalid model name"))),
        .. Rows("capability", Ollama, FailureKind.BadRequest, Then.FailsOver,
            (400, Plain("\\\"model\\\" does not support thinking")), (400, Plain("\\\"model\\\" does not support generate")), (400, Plain("model does not support tools"))),
        .. Rows("prompt too long", Ollama, FailureKind.ContextLengthExceeded, (400, Plain("the prompt is longer than the context length currently available")), (400, Plain("exceeds the available context size"))),
        .. Embeds("embedding input too long", FailureKind.ContextLengthExceeded, Plain("the input length exceeds the context length"), Plain("input after truncation exceeds maximum context length")),
        .. Embeds("embedding, dead runner as a 400", FailureKind.Transient,
            Plain("do embedding request: Post \\\"http://127.0.0.1:4321/embedding\\\": EOF"), Plain("unexpected server status: 1"), Plain("error reading embed response: unexpected EOF")),
        .. Embeds("embedding with NaN", FailureKind.Unknown, Plain("embedding contains NaN or Inf values")),
        .. Rows("cloud", Ollama, FailureKind.AuthFailed, (401, """{"error":"unauthorized","signin_url":"https://ollama.com/connect"}"""), (403, Plain("cloud disabled"))),
        .. Rows("cloud limit", Ollama, FailureKind.RateLimited, (429, Plain("slow down"))),
        .. Rows("cloud credit", Ollama, FailureKind.QuotaExhausted, (402, Plain("no credit"))),
        .. Rows("cloud unreachable", Ollama, FailureKind.Transient, (502, Plain("cloud unreachable"))),
        .. Rows("refused Host header", Ollama, FailureKind.BadRequest, (403, "")),
        new("499 of nobody's cancellation", Ollama, Ways.Both, Answer(499, Plain("request canceled")), FailureKind.TimedOut, Then.FailsOver, true),
        new("out of memory in the stream, before content", Ollama, Ways.Both, Lines("ok", Plain("CUDA error: out of memory")), FailureKind.Overloaded, Then.FailsOver, true),
        new("out of memory in the stream, after content", Ollama, Ways.Streamed, Lines("ok", Line, Plain("CUDA error: out of memory")), FailureKind.Overloaded, Then.Breaks, true) { Text = "Os" },
        new("context full", Ollama, Ways.Streamed, Lines("ok", Line, """{"model":"model","message":{"role":"assistant","content":""},"done":true,"done_reason":"length"}"""), null, Then.Serves, false) { Text = "Os" },
        new("a tool call that is none", Ollama, Ways.Both, Lines("ok", """{"model":"model","message":{"role":"assistant","tool_calls":[{"id":"x"}]},"done":false}"""), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("a line that is no object", Ollama, Ways.Both, Lines("ok", "17"), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("malformed line", Ollama, Ways.Streamed, Lines("ok", Line, "{oops}"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },

        .. Rows("repo or folder missing", Mlx, FailureKind.ModelMissing,
            (404, Plain("404 Client Error. Repository Not Found for url: https://hub.example/acme/none")), (404, Plain("acme/none is not a valid model identifier")),
            (404, Plain("[Errno 2] No such file or directory: '/models/x/config.json'")), (404, Plain("Cannot reach the hub: offline mode is enabled."))),
        .. Rows("template, roles, tool JSON", Mlx, FailureKind.BadRequest, (404, Plain("Conversation roles must alternate user/assistant")), (404, Plain("'str' object has no attribute 'get'"))),
        .. Rows("image", Mlx, FailureKind.BadRequest, Then.FailsOver, (404, Plain("Only 'text' content type is supported."))),
        .. Rows("out of memory at load", Mlx, FailureKind.Overloaded, (404, Plain("[metal::malloc] Resource limit (499000) exceeded.")), (404, Plain("out of memory"))),
        .. Rows("no length, bad JSON", Mlx, FailureKind.BadRequest, (400, Plain("Invalid JSON in request body: Expecting value")), (411, Plain("Content-Length header is required"))),
        .. Rows("relative's key", Mlx, FailureKind.AuthFailed, (401, """{"detail":"Invalid API key"}""")),
        .. Rows("relative's limit", Mlx, FailureKind.RateLimited, (429, """{"detail":"Rate limit exceeded"}""")),
        .. Rows("relative busy", Mlx, FailureKind.Overloaded, (503, """{"detail":"Server busy"}""")),
        .. Rows("relative too slow", Mlx, FailureKind.Transient, (504, """{"detail":"Request timed out"}""")),
        Of("relative's embedding model", Mlx, Ways.Embedded, FailureKind.ModelMissing, null, 500, """{"detail":"Failed to load embedding model: 404 Client Error."}"""),
        Of("relative's embedding input", Mlx, Ways.Embedded, FailureKind.ContextLengthExceeded, null, 400, """{"detail":{"error":"embedding_input_too_long","message":"m","token_count":1400,"max_length":1024}}"""),
    ];

    private const string Page = "<html><body>sorry</body></html>";

    private static string Code(string code) => "{\"error\":{\"message\":\"m\",\"code\":\"" + code + "\"}}";

    private static string Text(string message) => "{\"error\":{\"message\":\"" + message + "\"}}";

    private static string Plain(string message) => "{\"error\":\"" + message + "\"}";

    private static IEnumerable<Shape> Rows(string row, FaultWallWire wire, FailureKind kind, params (int Status, string Body)[] signals) =>
        signals.Select((s, i) => Of($"{row}, {i + 1}: {s.Status}", wire, Ways.Both, kind, null, s.Status, s.Body));

    private static IEnumerable<Shape> Rows(string row, FaultWallWire wire, FailureKind kind, Then then, params (int Status, string Body)[] signals) =>
        signals.Select((s, i) => Of($"{row}, {i + 1}: {s.Status}", wire, Ways.Both, kind, then, s.Status, s.Body));

    private static IEnumerable<Shape> Embeds(string row, FailureKind kind, params string[] bodies) =>
        bodies.Select((b, i) => Of($"{row}, {i + 1}: 400", Ollama, Ways.Embedded, kind, null, 400, b));

    private static Shape Of(string row, FaultWallWire wire, Ways ways, FailureKind kind, Then? then, int status, string body)
    {
        (Then usual, bool trips) = Actions(kind);
        return new Shape(row, wire, ways, Answer(status, body, body == Page ? "text/html" : "application/json"), kind, then ?? usual, trips);
    }

    /// <summary>What is done with each kind, and whether it counts against the target.</summary>
    private static (Then Then, bool Trips) Actions(FailureKind kind) => kind switch
    {
        FailureKind.Transient or FailureKind.Overloaded or FailureKind.ModelMissing or FailureKind.AuthFailed or FailureKind.QuotaExhausted or FailureKind.Unknown => (Then.FailsOver, true),
        FailureKind.RateLimited or FailureKind.ModelLoading => (Then.FailsOver, false),
        FailureKind.ContextLengthExceeded or FailureKind.ContentFiltered or FailureKind.BadRequest => (Then.Surfaces, false),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No signal of the tables has this kind by its status."),
    };
}
