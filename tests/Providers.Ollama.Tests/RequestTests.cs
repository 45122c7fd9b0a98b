using System.Text.Json;

namespace Providers.Ollama.Tests;

/// <summary>What goes out on the wire.</summary>
public sealed class RequestTests
{
    [Fact]
    public async Task Chat_EveryOption_IsSentInOllamasWords()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        OllamaProviderOptions options = new() { Endpoint = server.Endpoint, KeepAlive = "10m", ContextLength = 4_096, Think = true };
        options.Models["coder"] = new ModelOptions { Id = "qwen3-coder:30b", ContextWindow = 32_768 };
        using OllamaProvider provider = new("o", options);
        await provider.ChatClient!.GetResponseAsync("hi", new ChatOptions
        {
            ModelId = "qwen3-coder:30b",
            Instructions = "Be brief.",
            Temperature = 0.5f,
            TopP = 0.9f,
            TopK = 40,
            Seed = 7,
            MaxOutputTokens = 64,
            PresencePenalty = 0.1f,
            FrequencyPenalty = 0.2f,
            StopSequences = ["END"],
            ResponseFormat = ChatResponseFormat.Json,
        });
        JsonElement body = Body(server);
        body.GetProperty("model").GetString().Should().Be("qwen3-coder:30b");
        body.GetProperty("stream").GetBoolean().Should().BeTrue("leaving must stop the server's work");
        body.GetProperty("truncate").GetBoolean().Should().BeFalse();
        body.GetProperty("think").GetBoolean().Should().BeTrue();
        body.GetProperty("keep_alive").GetString().Should().Be("10m");
        body.GetProperty("format").GetString().Should().Be("json");
        body.GetProperty("messages")[0].GetProperty("content").GetString().Should().Be("Be brief.");
        JsonElement sent = body.GetProperty("options");
        sent.GetProperty("num_ctx").GetInt32().Should().Be(32_768, "the model's own window counts before the host's");
        sent.GetProperty("num_predict").GetInt32().Should().Be(64);
        sent.GetProperty("temperature").GetDouble().Should().Be(0.5);
        sent.GetProperty("top_k").GetInt32().Should().Be(40);
        sent.GetProperty("seed").GetInt32().Should().Be(7);
        sent.GetProperty("stop")[0].GetString().Should().Be("END");
    }

    [Fact]
    public async Task Chat_ToolsSwitchedOff_AreNotSent()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint, KeepAlive = "-1", Truncate = true });
        ChatOptions options = new() { ModelId = "m", Tools = [AIFunctionFactory.Create(static () => 1, "one")], ToolMode = ChatToolMode.None, Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None } };
        await provider.ChatClient!.GetResponseAsync("hi", options);
        JsonElement body = Body(server);
        body.TryGetProperty("tools", out _).Should().BeFalse();
        body.TryGetProperty("truncate", out _).Should().BeFalse();
        body.GetProperty("keep_alive").GetInt64().Should().Be(-1);
        body.GetProperty("think").GetBoolean().Should().BeFalse();
        body.GetProperty("options").EnumerateObject().Should().BeEmpty("what nobody set is the server's to choose");
    }

    [Fact]
    public async Task Chat_History_KeepsThinkingCallsAndTheirResults()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        await provider.ChatClient!.GetResponseAsync(
        [
            new ChatMessage(ChatRole.User, "weather?"),
            new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("I must ask."), new FunctionCallContent("c1", "weather"), new FunctionCallContent("c2", "wind", new Dictionary<string, object?> { ["city"] = "Oslo" })]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", new { degrees = 7 }), new FunctionResultContent("c2", "calm")]),
        ], new ChatOptions { ModelId = "m" });
        JsonElement messages = Body(server).GetProperty("messages");
        messages.GetArrayLength().Should().Be(4);
        messages[1].GetProperty("thinking").GetString().Should().Be("I must ask.");
        messages[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").EnumerateObject().Should().BeEmpty();
        messages[1].GetProperty("tool_calls")[1].GetProperty("function").GetProperty("index").GetInt32().Should().Be(1);
        messages[2].GetProperty("tool_name").GetString().Should().Be("weather");
        messages[2].GetProperty("content").GetString().Should().Contain("7");
        messages[3].GetProperty("content").GetString().Should().Be("calm");
    }

    [Fact]
    public async Task Chat_ImageByAddress_IsRefusedBeforeSending()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        ChatMessage message = new(ChatRole.User, [new UriContent("http://127.0.0.1/x.png", "image/png")]);
        ProviderException error = (await FluentActions.Awaiting(() => provider.ChatClient!.GetResponseAsync([message], new ChatOptions { ModelId = "m" })).Should().ThrowAsync<ProviderException>()).Which;
        error.Failure.MissingCapability.Should().Be(ModelCapabilities.Vision);
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Embed_Options_AreSent()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        OllamaProviderOptions options = new() { Endpoint = server.Endpoint, ContextLength = 2_048, KeepAlive = "5m" };
        using OllamaProvider provider = new("o", options);
        GeneratedEmbeddings<Embedding<float>> result = await provider.EmbeddingGenerator!.GenerateAsync(["a", "b"], new EmbeddingGenerationOptions { ModelId = "e" });
        result.Should().HaveCount(2);
        JsonElement body = Body(server);
        body.GetProperty("truncate").GetBoolean().Should().BeFalse();
        body.GetProperty("options").GetProperty("num_ctx").GetInt32().Should().Be(2_048);
        (await provider.EmbeddingGenerator!.GenerateAsync([])).Should().BeEmpty();
        provider.EmbeddingGenerator.GetService<EmbeddingGeneratorMetadata>()!.ProviderName.Should().Be("ollama");
        provider.EmbeddingGenerator.GetService<string>().Should().BeNull();
    }

    private static JsonElement Body(ModelServer server) => JsonDocument.Parse(server.Requests[^1].Body).RootElement;
}
