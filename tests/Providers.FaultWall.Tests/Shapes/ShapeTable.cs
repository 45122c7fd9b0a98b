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
    ];

    /// <summary>Headers are sent with the first token, so their lateness is a chunk's: here the pause stands before the first one.</summary>
    private static string Late(string response)
    {
        int first = response.IndexOf("@chunk\n", StringComparison.Ordinal);
        return string.Concat(response.AsSpan(0, first), "@chunk pause=300\n", response.AsSpan(first + 7));
    }
}
