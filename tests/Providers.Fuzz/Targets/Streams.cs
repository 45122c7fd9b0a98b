using Providers.Mlx;
using Providers.Ollama;
using Providers.OpenAI;

namespace Providers.Fuzz.Targets;

/// <summary>Server-sent events of mlx_lm.server.</summary>
internal sealed class MlxEvents() : StreamTarget("text/event-stream")
{
    public override string Name => "sse-mlx";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""
            : keepalive 3/10

            data: {"id":"c1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Os"},"finish_reason":null}]}

            data: {"id":"c1","created":1700000000,"choices":[{"index":0,"delta":{"reasoning":"hm","content":"lo"},"finish_reason":null}]}

            data: {"id":"c1","created":1700000000,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: {"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}

            data: [DONE]


            """),
        Text("""
            data: {"id":"c2","created":9223372036854775807,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """),
    ];

    public override IReadOnlyList<string> Words => ["data: ", "data: [DONE]\n\n", "\"finish_reason\":\"length\"", "\"error\":{\"message\":\"x\",\"code\":500}", "\"tool_calls\":[]", "\"content\":null", ": comment\n"];

    protected override IModelProvider Open(Uri server) => new MlxProvider("mlx", new MlxProviderOptions { BaseUrl = server });
}

/// <summary>Server-sent events of OpenAI and what speaks like it.</summary>
internal sealed class OpenAIEvents() : StreamTarget("text/event-stream")
{
    private readonly MlxEvents _alike = new();

    public override string Name => "sse-openai";

    // Its SDK refuses a time of creation beyond the year 9999, which is as good.
    public override IReadOnlyList<byte[]> Seeds => [_alike.Seeds[0]];

    public override IReadOnlyList<string> Words => _alike.Words;

    protected override IModelProvider Open(Uri server) => new OpenAIProvider("openai", new OpenAIProviderOptions { Endpoint = new Uri(server, "v1"), DefaultModel = "m" });
}

/// <summary>Lines of JSON of Ollama.</summary>
internal sealed class OllamaLines() : StreamTarget("application/x-ndjson")
{
    public override string Name => "ndjson-ollama";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""
            {"model":"m","created_at":"2026-11-26T06:00:00.123456789Z","message":{"role":"assistant","content":"Os"},"done":false}
            {"model":"m","created_at":"2026-11-26T06:00:00.2Z","message":{"role":"assistant","thinking":"hm","content":"lo"},"done":false}
            {"model":"m","created_at":"2026-11-26T06:00:00.3Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":5,"load_duration":1,"prompt_eval_count":7,"prompt_eval_duration":1,"eval_count":2,"eval_duration":2}

            """),
        Text("""
            {"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":[1,2,{"b":null}],"a":2}}}]},"done":false}
            {"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}

            """),
    ];

    public override IReadOnlyList<string> Words => ["{\"error\":\"x\"}\n", "\"done\":true", "\"done_reason\":\"length\"", "\"tool_calls\":[{\"function\":{}}]", "\"arguments\":\"x\"", "\"arguments\":{\"a\":1,\"a\":2}", "\"content\":7"];

    protected override IModelProvider Open(Uri server) => new OllamaProvider("ollama", new OllamaProviderOptions { Endpoint = server, DefaultModel = "m" });
}
