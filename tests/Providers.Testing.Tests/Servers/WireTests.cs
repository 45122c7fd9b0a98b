using System.Text;
using System.Text.Json.Nodes;
using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Servers;

public sealed class WireTests
{
    [Fact]
    public async Task Ollama_Probes_AnswerAsOllama()
    {
        await using Chat chat = await Chat.StartAsync("ollama", new ModelServerOptions { Models = ["one:3b", "two"], ContextWindow = 4_096 });
        (await chat.Http.GetStringAsync("/")).Should().Be("Ollama is running");
        (await chat.Http.GetStringAsync("/api/version")).Should().Contain("version");
        (await chat.Http.GetStringAsync("/api/tags")).Should().Contain("one:3b").And.Contain("two:latest");
        (await chat.Http.GetStringAsync("/api/ps")).Should().Contain("\"context_length\":4096");
        (await PostAsync(chat, "/api/show", """{"model":"two"}""")).Text.Should().Contain("test.context_length");
        (await PostAsync(chat, "/api/show", """{"model":"none"}""")).Status.Should().Be(404);
        (await PostAsync(chat, "/api/chat", """{"model":"two","messages":[]}""")).Text.Should().Contain("\"done_reason\":\"load\"");
        (await PostAsync(chat, "/api/chat", """{"model":"two","messages":[],"keep_alive":0}""")).Text.Should().Contain("unload");
        (await PostAsync(chat, "/api/chat", "{}")).Should().Be((400, """{"error":"model is required"}"""));
        (await PostAsync(chat, "/api/chat", "nonsense")).Status.Should().Be(400);
        (await PostAsync(chat, "/api/embed", """{"model":"none","input":"x"}""")).Text.Should().Contain("try pulling it first");
        (await PostAsync(chat, "/api/none", "{}")).Should().Be((404, "404 page not found"));
    }

    [Fact]
    public async Task Ollama_Pull_BringsTheModelOrSaysWhyNot()
    {
        await using Chat chat = await Chat.StartAsync("ollama", new ModelServerOptions { Models = ["one"] });
        (await PostAsync(chat, "/api/pull", """{"model":"two"}""")).Text.Should().EndWith("{\"status\":\"success\"}\n");
        chat.Server.Options.Models.Should().Equal("one", "two");
        (await PostAsync(chat, "/api/pull", """{"model":"missing"}""")).Text.Should().Contain("file does not exist");
    }

    [Fact]
    public async Task OpenAI_ModelsKeysAndRerank_AnswerAsOpenAI()
    {
        await using Chat chat = await Chat.StartAsync("openai", new ModelServerOptions { Models = ["one"], ApiKeys = ["k"] });
        (await PostAsync(chat, "/v1/chat/completions", Chat.Body(model: "one"))).Should().Match<(int Status, string Text)>(static r => r.Status == 401 && r.Text.Contains("invalid_api_key"));
        chat.Http.DefaultRequestHeaders.Authorization = new("Bearer", "k");
        (await chat.Http.GetStringAsync("/v1/models")).Should().Contain("\"id\":\"one\"");
        (await chat.Http.GetStringAsync("/v1/models/one")).Should().Contain("\"id\":\"one\"");
        ((int)(await chat.Http.GetAsync("/v1/models/two")).StatusCode).Should().Be(404);
        (await PostAsync(chat, "/v1/chat/completions", "{}")).Status.Should().Be(400);
        (await PostAsync(chat, "/v1/embeddings", """{"model":"two","input":"x"}""")).Status.Should().Be(404);
        (await PostAsync(chat, "/v2", "{}")).Status.Should().Be(404);
        JsonNode ranked = JsonNode.Parse((await PostAsync(chat, "/v1/rerank", """{"model":"one","query":"red fox","documents":["blue sea","red fox"]}""")).Text)!;
        ((int)ranked["results"]![0]!["index"]!).Should().Be(1);
    }

    [Fact]
    public async Task LlamaServer_HasItsHabits()
    {
        await using Chat chat = await Chat.StartAsync("openai", new ModelServerOptions { Kind = OpenAIServerKind.LlamaServer, Models = ["one"], Reasoning = "hm" });
        Chat.Answer answer = await chat.AskAsync(Chat.Body(model: "other"));
        answer.Text.Should().Be(CanonicalAnswer.Text);
        answer.Lines[0].Should().Contain("\"content\":null");
        string.Concat(answer.Lines).Should().Contain("timings").And.Contain("reasoning_content");
        chat.Server.Faults.Enqueue(Fault.Status(503, reason: "loading"), Fault.Status(400, reason: "context_length_exceeded"));
        string.Concat((await chat.AskAsync()).Lines).Should().Be("""{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""");
        string.Concat((await chat.AskAsync()).Lines).Should().Contain("exceed_context_size_error").And.Contain("n_ctx");
        (await PostAsync(chat, "/v1/chat/completions", "{}")).Status.Should().Be(500);
        (await chat.Http.GetStringAsync("/health")).Should().Be("""{"status":"ok"}""");
    }

    [Fact]
    public async Task KoboldCpp_HasItsHabits()
    {
        await using Chat chat = await Chat.StartAsync("openai", new ModelServerOptions { Kind = OpenAIServerKind.KoboldCpp });
        Raw raw = await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, Chat.Body(extra: ""","max_completion_tokens":3""")));
        raw.Head.Should().StartWith("HTTP/1.0 200").And.NotContain("Content-Length");
        raw.Body.Should().EndWith("data: [DONE]").And.Contain("\"finish_reason\":\"null\"").And.NotContain("usage").And.Contain("t59");
        (await chat.AskAsync(Chat.Body(stream: false))).Output.Should().Be(100);
        (await PostAsync(chat, "/v1/embeddings", "{}")).Should().Be((404, ""));
        chat.Server.Faults.Enqueue(Fault.Status(503));
        string.Concat((await chat.AskAsync()).Lines).Should().StartWith("""{"detail":{"msg":""");
    }

    [Fact]
    public async Task Vllm_ErrorCodeIsANumber()
    {
        await using Chat chat = await Chat.StartAsync("openai", new ModelServerOptions { Kind = OpenAIServerKind.Vllm });
        chat.Server.Faults.Enqueue(Fault.Status(400, reason: "context_length_exceeded"));
        string.Concat((await chat.AskAsync()).Lines).Should().Contain("\"code\":400").And.Contain("maximum context length");
    }

    [Theory]
    [InlineData("""{"model":"default_model","messages":[{"role":"user","content":"x"}],"temperature":null}""")]
    [InlineData("""{"model":"default_model","messages":[{"role":"user","content":"x"}],"top_p":3}""")]
    [InlineData("""{"model":"default_model"}""")]
    public async Task Mlx_FailedValidation_ClosesWithoutAByte(string body)
    {
        await using Chat chat = await Chat.StartAsync("mlx");
        (await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, body))).Should().Be(new Raw("", Reset: false));
    }

    [Fact]
    public async Task Mlx_TransportAndPaths_AreStrict()
    {
        await using Chat chat = await Chat.StartAsync("mlx");
        Uri at = chat.Server.Endpoint;
        (await Raw.SendAsync(at, $"POST {chat.Path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n")).Head.Should().StartWith("HTTP/1.0 411");
        (await Raw.SendAsync(at, Raw.Post(chat.Path, "{"))).Head.Should().StartWith("HTTP/1.0 400");
        (await Raw.SendAsync(at, Raw.Post(chat.Path + "?x=1", Chat.Body()))).Body.Should().Be("Not Found");
        (await Raw.SendAsync(at, "HEAD /health HTTP/1.1\r\n\r\n")).Head.Should().StartWith("HTTP/1.0 501");
        (await Raw.SendAsync(at, "GET /health HTTP/1.1\r\n\r\n")).Body.Should().Be("""{"status": "ok"}""");
        (await Raw.SendAsync(at, "GET /v1/models HTTP/1.1\r\n\r\n")).Body.Should().Contain("test-model");
        (await Raw.SendAsync(at, Raw.Post("/v1/embeddings", "{}"))).Head.Should().StartWith("HTTP/1.0 404");
        (await Raw.SendAsync(at, Raw.Post(chat.Path, """{"messages":["x"]}"""))).Body.Should().Contain("'str' object has no attribute 'get'");
        (await Raw.SendAsync(at, Raw.Post(chat.Path, """{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"""))).Body.Should().Contain("Only 'text'");
        Raw whole = await Raw.SendAsync(at, Raw.Post("/chat/completions", Chat.Body()));
        whole.Head.Should().StartWith("HTTP/1.0 200 OK").And.NotContain("Transfer-Encoding").And.NotContain("Content-Length");
        whole.Body.Should().StartWith(": keepalive 7/7\n\n").And.EndWith("data: [DONE]\n\n");
    }

    [Theory]
    [InlineData(400, "Bad Request")]
    [InlineData(401, "Unauthorized")]
    [InlineData(402, "Payment Required")]
    [InlineData(403, "Forbidden")]
    [InlineData(404, "Not Found")]
    [InlineData(408, "Request Timeout")]
    [InlineData(409, "Conflict")]
    [InlineData(413, "Payload Too Large")]
    [InlineData(422, "Unprocessable Entity")]
    [InlineData(429, "Too Many Requests")]
    [InlineData(500, "Internal Server Error")]
    [InlineData(502, "Bad Gateway")]
    [InlineData(503, "Service Unavailable")]
    [InlineData(504, "Gateway Timeout")]
    [InlineData(599, "Status")]
    public async Task Statuses_HaveTheirReason(int status, string reason)
    {
        await using Chat chat = await Chat.StartAsync("openai");
        (await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, Chat.Body(model: $"fault:{status}")))).Head.Should().StartWith($"HTTP/1.1 {status} {reason}\r\n");
    }

    private static async Task<(int Status, string Text)> PostAsync(Chat chat, string path, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await chat.Http.PostAsync(new Uri(path, UriKind.Relative), content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
