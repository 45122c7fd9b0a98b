using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Providers.Testing.Tests.Support;

/// <summary>The three wires, seen through a plain HttpClient.</summary>
internal sealed class Chat(string wire, ModelServer server) : IAsyncDisposable
{
    // An HTTP/1.0 server closes after each answer, perhaps a moment after the client took the connection for a kept one.
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(wire == "mlx" || server.Options.Kind is OpenAIServerKind.KoboldCpp ? 0 : 1) }) { BaseAddress = server.Endpoint, Timeout = Timeout.InfiniteTimeSpan };

    public static TheoryData<string> Wires => ["ollama", "openai", "mlx"];

    public ModelServer Server => server;

    public HttpClient Http => _http;

    public string Path => wire == "ollama" ? "/api/chat" : "/v1/chat/completions";

    public static async Task<Chat> StartAsync(string wire, ModelServerOptions? options = null) => new(wire, wire switch
    {
        "ollama" => await OllamaServer.StartAsync(options),
        "openai" => await OpenAIServer.StartAsync(options),
        _ => await MlxServer.StartAsync(options),
    });

    public static string Body(bool stream = true, string model = "default_model", string extra = "") =>
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Say it all."}],"stream":{{(stream ? "true" : "false")}},"stream_options":{"include_usage":true}{{extra}}}""";

    public async Task<HttpResponseMessage> PostAsync(string body, CancellationToken token = default)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
    }

    public async Task<Answer> AskAsync(string? body = null, CancellationToken token = default)
    {
        using HttpResponseMessage response = await PostAsync(body ?? Body(), token);
        Answer answer = new() { Status = (int)response.StatusCode };
        try
        {
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync(token));
            while (await reader.ReadLineAsync(token) is { } line)
            {
                answer.Read(line);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            answer.Error = e;
        }

        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await server.DisposeAsync();
    }

    internal sealed class Answer
    {
        private readonly StringBuilder _text = new();

        public int Status { get; init; }

        public string Text => _text.ToString();

        public string? Finish { get; private set; }

        public bool Mark { get; private set; }

        public int? Output { get; private set; }

        public List<string> Lines { get; } = [];

        public List<string> Broken { get; } = [];

        public string? InBand { get; private set; }

        public Exception? Error { get; set; }

        public void Read(string line)
        {
            Lines.Add(line);
            string json = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : line;
            if (json == "[DONE]")
            {
                Mark = true;
            }
            else if (json.StartsWith('{'))
            {
                Parse(json);
            }
        }

        private void Parse(string json)
        {
            JsonNode node;
            try
            {
                node = JsonNode.Parse(json)!;
            }
            catch (System.Text.Json.JsonException)
            {
                Broken.Add(json);
                return;
            }

            InBand ??= node["error"]?.ToJsonString();
            JsonNode? choice = node["choices"] is JsonArray { Count: > 0 } choices ? choices[0] : null;
            _text.Append((string?)node["message"]?["content"] ?? (string?)choice?["delta"]?["content"] ?? (string?)choice?["message"]?["content"]);
            Finish ??= (string?)node["done_reason"] ?? (string?)choice?["finish_reason"];
            Mark |= (bool?)node["done"] is true;
            Output ??= (int?)node["eval_count"] ?? (int?)node["usage"]?["completion_tokens"];
        }
    }
}
