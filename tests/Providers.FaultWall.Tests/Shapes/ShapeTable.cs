using static Providers.FaultWall.Tests.Shapes.Shape;

namespace Providers.FaultWall.Tests.Shapes;

/// <summary>The rows of docs/failure-shapes.md that are an answer, or the want of one.</summary>
internal static class ShapeTable
{
    private const FaultWallWire Ollama = FaultWallWire.Ollama, OpenAI = FaultWallWire.OpenAI, Mlx = FaultWallWire.Mlx;
    private const string Silence = "-\n@framing none\n\n@end hang\n", Closed = "-\n@framing none\n\n@end cut\n";
    private const string Delta = """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"model","choices":[{"index":0,"delta":{"role":"assistant","content":"Os"},"finish_reason":null}]}""";
    private const string Finish = """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Line = """{"model":"model","created_at":"2026-11-23T00:00:00Z","message":{"role":"assistant","content":"Os"},"done":false}""";
    private const string DoneLine = """{"model":"model","created_at":"2026-11-23T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":1}""";
    private const string RunnerDied = """{"error":"an error was encountered while running the model: unexpected EOF"}""";

    public static IReadOnlyList<Shape> All { get; } =
    [
        new("4 nothing is ever answered, as when https meets http", OpenAI, Ways.Both, Silence, FailureKind.TimedOut, Then.FailsOver, true),
        new("5 loading", OpenAI, Ways.Both, Answer(503, """{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"""), FailureKind.ModelLoading, Then.FailsOver, false),
        new("6 headers come late, after a load", Ollama, Ways.Streamed, Late(Lines("ok", Line, DoneLine)), null, Then.Serves, false) { Text = "Os" },
        new("7 load timed out", Ollama, Ways.Both, Answer(500, """{"error":"timed out waiting for llama-server to start - "}"""), FailureKind.ModelLoading, Then.FailsOver, false),
        new("7 load timed out, /v1", OpenAI, Ways.Both, Answer(500, """{"error":{"message":"timed out waiting for llama-server to start - ","type":"api_error","param":null,"code":null}}"""), FailureKind.Transient, Then.FailsOver, true),
        new("8 model file damaged", Ollama, Ways.Both, Answer(500, """{"error":"tensor 'blk.0' exceeds file size"}"""), FailureKind.Transient, Then.FailsOver, true),
        new("9 model blob missing", Ollama, Ways.Both, Answer(400, """{"error":"\"model\" does not support chat"}"""), FailureKind.BadRequest, Then.FailsOver, false),
        new("10 queue full", Ollama, Ways.Both, Answer(503, """{"error":"server busy, please try again.  maximum pending requests exceeded"}"""), FailureKind.Overloaded, Then.FailsOver, true),
        new("11 busy", OpenAI, Ways.Both, Answer(503, """{"detail":{"msg":"Server is busy; please try again later.","type":"service_unavailable"}}"""), FailureKind.Overloaded, Then.FailsOver, true),
        new("12 no such model", Ollama, Ways.Both, Answer(404, """{"error":"model 'model' not found"}"""), FailureKind.ModelMissing, Then.FailsOver, true),
        new("12 no such model, /v1", OpenAI, Ways.Both, Answer(404, """{"error":{"message":"model 'model' not found","type":"not_found_error","param":null,"code":null}}"""), FailureKind.ModelMissing, Then.FailsOver, true),
        new("14 no such model", Mlx, Ways.Both, Answer(404, """{"error":"Cannot find an appropriate cached snapshot folder: Repository Not Found"}"""), FailureKind.ModelMissing, Then.FailsOver, true),
        new("15 prompt too long", OpenAI, Ways.Both, Answer(400, """{"error":{"code":400,"message":"request (13220 tokens) exceeds the available context size (1024 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":13220,"n_ctx":1024}}"""), FailureKind.ContextLengthExceeded, Then.Surfaces, false),
        new("16 embedding input too long, as a 500", OpenAI, Ways.Embedded, Answer(500, """{"error":{"code":500,"message":"input (16802 tokens) is too large to process. increase the physical batch size","type":"server_error"}}"""), FailureKind.ContextLengthExceeded, Then.Surfaces, false),
        new("17 prompt too long, truncation refused", Ollama, Ways.Both, Answer(400, """{"error":"{\"error\":{\"code\":400,\"message\":\"request (13220 tokens) exceeds the available context size (1024 tokens)\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":13220,\"n_ctx\":1024}}"}"""), FailureKind.ContextLengthExceeded, Then.Surfaces, false),
        new("19 embeddings of a chat model", Ollama, Ways.Embedded, Answer(501, """{"error":"this server does not support embeddings"}"""), FailureKind.BadRequest, Then.FailsOver, false),
        new("19 embeddings of a chat model", OpenAI, Ways.Embedded, Answer(501, """{"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}}"""), FailureKind.BadRequest, Then.FailsOver, false),
        new("20 chat of an embedding model, as a 500", OpenAI, Ways.Both, Answer(500, """{"error":{"code":500,"message":"the current context does not logits computation. skipping","type":"server_error"}}"""), FailureKind.BadRequest, Then.FailsOver, false),
        new("21 no embeddings, 404 without JSON", OpenAI, Ways.Embedded, Answer(404, "Not Found"), FailureKind.BadRequest, Then.FailsOver, false),
        new("21 no embeddings, 404 without JSON", Mlx, Ways.Embedded, Answer(404, "Not Found"), FailureKind.BadRequest, Then.FailsOver, false),
        new("22 bad key", OpenAI, Ways.Both, Answer(401, """{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}"""), FailureKind.AuthFailed, Then.FailsOver, true),
        new("23 malformed request, as a 500", OpenAI, Ways.Both, Answer(500, """{"error":{"code":500,"message":"[json.exception.parse_error.101] parse error","type":"server_error"}}"""), FailureKind.BadRequest, Then.Surfaces, false),
        new("24 closed without an answer", OpenAI, Ways.Both, Closed, FailureKind.ConnectionLost, Then.FailsOver, true),
        new("24 closed without an answer", Mlx, Ways.Both, Closed, FailureKind.ConnectionLost, Then.FailsOver, true),
        new("25, 26 killed in mid-stream", Ollama, Ways.Streamed, Lines("cut", Line), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("25, 26 killed in mid-stream, whole answer", Ollama, Ways.Whole, Lines("cut", Line), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("25, 26 killed in mid-stream", OpenAI, Ways.Streamed, Events("cut", Delta), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("25 killed before the first token", Ollama, Ways.Both, Lines("cut"), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("27 silent after SIGTERM", OpenAI, Ways.Streamed, Events("hang", Delta), FailureKind.TimedOut, Then.Breaks, true) { Text = "Os" },
        new("28 HTTP/1.0, killed in mid-stream", Mlx, Ways.Streamed, Pieces("HTTP/1.0 200 OK", "text/event-stream", "close", "cut", Delta + "\n\n"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("28 HTTP/1.0, killed in mid-stream, whole answer", Mlx, Ways.Whole, Pieces("HTTP/1.0 200 OK", "text/event-stream", "close", "cut", Delta + "\n\n"), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("28 HTTP/1.0, killed in mid-stream", OpenAI, Ways.Streamed, Pieces("HTTP/1.0 200 OK", "text/event-stream", "close", "cut", Delta + "\n\n"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("29 killed while a whole answer is awaited", Ollama, Ways.Whole, Closed, FailureKind.ConnectionLost, Then.FailsOver, true),
        new("30 the runner dies in mid-stream", Ollama, Ways.Streamed, Lines("ok", Line, RunnerDied), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("30 the runner dies before the first token", Ollama, Ways.Both, Lines("ok", RunnerDied), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("31 the runner dies, /v1", OpenAI, Ways.Streamed, Events("ok", Delta, """data: {"id":"","object":"chat.completion.chunk","created":1,"model":"","choices":[]}"""), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("32 the runner dies, whole answer", Ollama, Ways.Both, Answer(500, """{"error":"llama-server process has terminated: signal: killed"}"""), FailureKind.Transient, Then.FailsOver, true),
        new("33 frozen before headers", Ollama, Ways.Both, Silence, FailureKind.TimedOut, Then.FailsOver, true),
        new("34 frozen in mid-stream", Ollama, Ways.Streamed, Lines("hang", Line), FailureKind.TimedOut, Then.Breaks, true) { Text = "Os" },
        new("34 frozen in mid-stream, whole answer", Ollama, Ways.Whole, Lines("hang", Line), FailureKind.TimedOut, Then.FailsOver, true),
        new("35 the model failed to load, requests are never answered", Mlx, Ways.Both, Silence, FailureKind.TimedOut, Then.FailsOver, true),
        new("37 finish reason \"null\" and no last line", OpenAI, Ways.Streamed, Events("ok", Delta.Replace("\"finish_reason\":null", "\"finish_reason\":\"null\"", StringComparison.Ordinal), Finish, "data: [DONE]"), null, Then.Serves, false) { Text = "Os" },
        new("43 a proxy's 502", OpenAI, Ways.Both, Answer(502, "<html><body>502 Bad Gateway</body></html>", "text/html"), FailureKind.Transient, Then.FailsOver, true),
        new("43 a proxy's 502", Ollama, Ways.Both, Answer(502, "<html><body>502 Bad Gateway</body></html>", "text/html"), FailureKind.Transient, Then.FailsOver, true),
        new("43 429 with Retry-After", OpenAI, Ways.Both, Answer(429, "too many", "text/plain", "Retry-After: 30\n"), FailureKind.RateLimited, Then.FailsOver, false),
        new("44 a page instead of an answer", OpenAI, Ways.Both, Answer(200, "<!DOCTYPE html><html><body>Sign in</body></html>", "text/html"), FailureKind.InvalidResponse, Then.FailsOver, true),
        new("44 a page instead of an answer", Ollama, Ways.Both, Answer(200, "<!DOCTYPE html><html><body>Sign in</body></html>", "text/html"), FailureKind.InvalidResponse, Then.FailsOver, true),
        new("44 a page instead of an answer", Mlx, Ways.Both, Answer(200, "<!DOCTYPE html><html><body>Sign in</body></html>", "text/html"), FailureKind.InvalidResponse, Then.FailsOver, true),
        new("45 an error in the stream", OpenAI, Ways.Streamed, Events("ok", Delta, """data: {"error":{"code":500,"message":"decode failed","type":"server_error"}}"""), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("45 an error before any content", OpenAI, Ways.Streamed, Events("ok", """data: {"error":{"message":"slow down","code":"rate_limit_exceeded"}}"""), FailureKind.RateLimited, Then.FailsOver, false),
        new("46 cut inside a chunk", OpenAI, Ways.Streamed, Pieces("200 OK", "text/event-stream", "close", "cut", Delta + "\n\n", "data: {\"id\":\"c\",\"obj"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("46 cut inside a line", Ollama, Ways.Streamed, Pieces("200 OK", "application/x-ndjson", "close", "cut", Line + "\n", "{\"model\":\"mo"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("47 an end without its mark", OpenAI, Ways.Streamed, Events("ok", Delta, "data: [DONE]"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("47 an end without its mark", Ollama, Ways.Streamed, Lines("ok", Line), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("47 an end without its mark", Mlx, Ways.Streamed, Events("ok", Delta), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("49 tools asked of a model without them", Ollama, Ways.Both, Answer(400, """{"error":"registry.ollama.ai/library/model:latest does not support tools"}"""), FailureKind.BadRequest, Then.FailsOver, false),
        // The classification of each protocol, where the rows above have not met it.
        new("wire: out of memory", Ollama, Ways.Both, Answer(500, """{"error":"llama-server reported out-of-memory: cudaMalloc failed: out of memory"}"""), FailureKind.Overloaded, Then.FailsOver, true),
        new("wire: no model named", Ollama, Ways.Both, Answer(400, """{"error":"model is required"}"""), FailureKind.BadRequest, Then.Surfaces, false),
        new("wire: embedding input too long", Ollama, Ways.Embedded, Answer(400, """{"error":"the input length exceeds the context length"}"""), FailureKind.ContextLengthExceeded, Then.Surfaces, false),
        new("wire: embedding runner died, as a 400", Ollama, Ways.Embedded, Answer(400, """{"error":"do embedding request: Post \"http://127.0.0.1:1/embedding\": EOF"}"""), FailureKind.Transient, Then.FailsOver, true),
        new("wire: embedding of NaN", Ollama, Ways.Embedded, Answer(400, """{"error":"embedding contains NaN or Inf values"}"""), FailureKind.Unknown, Then.FailsOver, true),
        new("wire: cloud key", Ollama, Ways.Both, Answer(401, """{"error":"unauthorized"}"""), FailureKind.AuthFailed, Then.FailsOver, true),
        new("wire: cloud refused", Ollama, Ways.Both, Answer(403, """{"error":"cloud disabled"}"""), FailureKind.AuthFailed, Then.FailsOver, true),
        new("wire: cloud limit", Ollama, Ways.Both, Answer(429, """{"error":"slow down"}"""), FailureKind.RateLimited, Then.FailsOver, false),
        new("wire: cloud credit", Ollama, Ways.Both, Answer(402, """{"error":"no credit"}"""), FailureKind.QuotaExhausted, Then.FailsOver, true),
        new("wire: cloud unreachable", Ollama, Ways.Both, Answer(502, """{"error":"cloud unreachable"}"""), FailureKind.Transient, Then.FailsOver, true),
        new("wire: host check", Ollama, Ways.Both, Answer(403, ""), FailureKind.BadRequest, Then.Surfaces, false),
        new("wire: context full", Ollama, Ways.Streamed, Lines("ok", Line, DoneLine.Replace("\"done_reason\":\"stop\"", "\"done_reason\":\"length\"", StringComparison.Ordinal)), null, Then.Serves, false) { Text = "Os" },
        new("wire: a tool call that is none", Ollama, Ways.Both, Lines("ok", """{"model":"model","message":{"role":"assistant","tool_calls":[{"id":"x"}]},"done":false}"""), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("wire: a line that is no object", Ollama, Ways.Both, Lines("ok", "17"), FailureKind.ConnectionLost, Then.FailsOver, true),
        new("wire: quota", OpenAI, Ways.Both, Answer(429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"""), FailureKind.QuotaExhausted, Then.FailsOver, true),
        new("wire: region", OpenAI, Ways.Both, Answer(403, """{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}}"""), FailureKind.AuthFailed, Then.FailsOver, true),
        new("wire: wrong path", OpenAI, Ways.Both, Answer(404, """{"error":{"message":"Invalid URL (POST /chat/completions)","type":"invalid_request_error"}}"""), FailureKind.BadRequest, Then.Surfaces, false),
        new("wire: too long, 413", OpenAI, Ways.Both, Answer(413, """{"error":{"message":"maximum context length is 8192 tokens","code":"context_length_exceeded"}}"""), FailureKind.ContextLengthExceeded, Then.Surfaces, false),
        new("wire: too long, 422", OpenAI, Ways.Both, Answer(422, """{"detail":"the context length is only 2048 tokens"}"""), FailureKind.ContextLengthExceeded, Then.Surfaces, false),
        new("wire: filter", OpenAI, Ways.Both, Answer(400, """{"error":{"message":"filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"""), FailureKind.ContentFiltered, Then.Surfaces, false),
        new("wire: overloaded, 529", OpenAI, Ways.Both, Answer(529, """{"error":{"message":"Overloaded","type":"overloaded_error"}}"""), FailureKind.Overloaded, Then.FailsOver, true),
        new("wire: overloaded, 498", OpenAI, Ways.Both, Answer(498, """{"error":{"message":"capacity exceeded"}}"""), FailureKind.Overloaded, Then.FailsOver, true),
        new("wire: server fault, 520", OpenAI, Ways.Both, Answer(520, "error code: 520", "text/plain"), FailureKind.Transient, Then.FailsOver, true),
        new("wire: conflict, 409", OpenAI, Ways.Both, Answer(409, """{"error":{"message":"conflict"}}"""), FailureKind.Transient, Then.FailsOver, true),
        new("wire: request time-out, 408", OpenAI, Ways.Both, Answer(408, ""), FailureKind.Transient, Then.FailsOver, true),
        new("wire: other 4xx, 415", OpenAI, Ways.Both, Answer(415, """{"error":{"message":"unsupported media type"}}"""), FailureKind.BadRequest, Then.Surfaces, false),
        new("wire: a page as a 4xx", OpenAI, Ways.Both, Answer(400, "<html>blocked</html>", "text/html"), FailureKind.Unknown, Then.FailsOver, true),
        new("wire: 200 with an error", OpenAI, Ways.Whole, Answer(200, """{"error":{"message":"upstream fell over","code":502}}"""), FailureKind.Transient, Then.FailsOver, true),
        new("wire: an error event", OpenAI, Ways.Streamed, Events("ok", Delta, "event: error\ndata: {\"error\":{\"message\":\"broke\",\"type\":\"server_error\"}}"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("wire: an error line", OpenAI, Ways.Streamed, Events("ok", Delta, "error: {\"code\":500,\"message\":\"broke\"}"), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("wire: a malformed chunk", OpenAI, Ways.Streamed, Events("ok", Delta, "data: {oops}", Finish), FailureKind.ConnectionLost, Then.Breaks, true) { Text = "Os" },
        new("wire: template", Mlx, Ways.Both, Answer(404, """{"error": "Conversation roles must alternate user/assistant/user/assistant/..."}"""), FailureKind.BadRequest, Then.Surfaces, false),
        new("wire: out of memory at load", Mlx, Ways.Both, Answer(404, """{"error": "[metal::malloc] Resource limit (499000) exceeded."}"""), FailureKind.Overloaded, Then.FailsOver, true),
        new("wire: bad request", Mlx, Ways.Both, Answer(400, """{"error": "Invalid JSON in request body: Expecting value"}"""), FailureKind.BadRequest, Then.Surfaces, false),
        new("wire: a relative's key", Mlx, Ways.Both, Answer(401, """{"detail":"Invalid API key"}"""), FailureKind.AuthFailed, Then.FailsOver, true),
        new("wire: a relative's limit", Mlx, Ways.Both, Answer(429, """{"detail":"Rate limit exceeded"}"""), FailureKind.RateLimited, Then.FailsOver, false),
        new("wire: a relative is busy", Mlx, Ways.Both, Answer(503, """{"detail":"Server busy"}"""), FailureKind.Overloaded, Then.FailsOver, true),
        new("wire: a relative's time-out", Mlx, Ways.Both, Answer(504, """{"detail":"Request timed out"}"""), FailureKind.Transient, Then.FailsOver, true),
        new("wire: a relative lacks the embedding model", Mlx, Ways.Embedded, Answer(500, """{"detail":"Failed to load embedding model: 404 Client Error."}"""), FailureKind.ModelMissing, Then.FailsOver, true),
        new("wire: a relative's input too long", Mlx, Ways.Embedded, Answer(400, """{"detail":{"error":"embedding_input_too_long","message":"Input 0 has 1400 tokens","token_count":1400,"max_length":1024}}"""), FailureKind.ContextLengthExceeded, Then.Surfaces, false),
    ];

    /// <summary>Headers are sent with the first token, so their lateness is a chunk's: here the pause stands before the first one.</summary>
    private static string Late(string response)
    {
        int first = response.IndexOf("@chunk\n", StringComparison.Ordinal);
        return string.Concat(response.AsSpan(0, first), "@chunk pause=300\n", response.AsSpan(first + 7));
    }
}
