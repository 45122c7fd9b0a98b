using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Providers.OpenAI.Tests.Support;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Providers.OpenAI.Tests.Chat;

public sealed class ChatTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OpenAIServerProfile.OpenAI, false)]
    [InlineData(OpenAIServerProfile.Azure, false)]
    [InlineData(OpenAIServerProfile.Vllm, true)]
    [InlineData(OpenAIServerProfile.LlamaServer, true)]
    [InlineData(OpenAIServerProfile.LmStudio, true)]
    [InlineData(OpenAIServerProfile.Generic, true)]
    public async Task Request_WithALimit_SaysItInBothWaysWhereOneIsNotRead(OpenAIServerProfile profile, bool both)
    {
        JsonElement sent = await SentAsync(profile, new ChatOptions { MaxOutputTokens = 64 });
        sent.GetProperty("max_completion_tokens").GetInt32().Should().Be(64);
        sent.TryGetProperty("max_tokens", out JsonElement old).Should().Be(both);
        if (both)
        {
            old.GetInt32().Should().Be(64);
        }
    }

    [Theory]
    [InlineData(OpenAIServerProfile.OpenAI, true)]
    [InlineData(OpenAIServerProfile.Generic, false)]
    public async Task Request_WithTools_LeavesOutTheDefaultChoiceWhereItIsNotUnderstood(OpenAIServerProfile profile, bool sends)
    {
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => "rain", "get_weather")] };
        JsonElement sent = await SentAsync(profile, options);
        sent.TryGetProperty("tool_choice", out _).Should().Be(sends);
        sent.GetProperty("tools").GetArrayLength().Should().Be(1);
    }

    [Fact]
    public async Task Request_WithARequiredTool_AlwaysSaysSo()
    {
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => "rain", "get_weather")], ToolMode = ChatToolMode.RequireAny };
        (await SentAsync(OpenAIServerProfile.Generic, options)).GetProperty("tool_choice").GetString().Should().Be("required");
    }

    [Fact]
    public async Task Request_WithTheCallersOwnRawOptions_KeepsThem()
    {
        ChatOptions options = new() { MaxOutputTokens = 5, RawRepresentationFactory = static _ => new ChatCompletionOptions { EndUserId = "u" } };
        JsonElement sent = await SentAsync(OpenAIServerProfile.LlamaServer, options);
        sent.GetProperty("user").GetString().Should().Be("u");
        sent.GetProperty("max_tokens").GetInt32().Should().Be(5);
    }

    [Fact]
    public async Task Request_OfACaller_LeavesHisOptionsAsTheyWere()
    {
        ChatOptions options = new() { MaxOutputTokens = 5 };
        await SentAsync(OpenAIServerProfile.LlamaServer, options);
        options.ModelId.Should().BeNull();
        options.RawRepresentationFactory.Should().BeNull();
    }

    [Fact]
    public async Task Request_NamesTheModelOfTheCallOrTheDefault()
    {
        (await SentAsync(OpenAIServerProfile.Generic, new ChatOptions { ModelId = "other" })).GetProperty("model").GetString().Should().Be("other");
        (await SentAsync(OpenAIServerProfile.Generic, null)).GetProperty("model").GetString().Should().Be("sable");
    }

    [Fact]
    public async Task Request_WithoutAnyModel_AsksTheServerForItsOnlyOne()
    {
        await using RawServer server = new(r => Reply.Json(r.Method == "GET" ? """{"data":[{"id":"solo"}]}""" : Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.DefaultModel = null);
        await provider.AskAsync(cancellationToken: Token);
        await provider.AskAsync(cancellationToken: Token);
        server.Requests.Select(r => r.Path).Should().Equal("/v1/models", "/v1/chat/completions", "/v1/chat/completions");
        server.Requests.Last().Body.Should().Contain("\"solo\"");
    }

    /// <summary>A server that was started anew with another model lacks the one it had.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WithoutAnyModel_AfterTheServersOnlyOneHasChanged_AsksAgain(bool streaming)
    {
        string model = "old";
        await using RawServer server = new(r => r.Method == "GET" ? Reply.Json($$"""{"data":[{"id":"{{model}}"}]}""")
            : !r.Body.Contains(model, StringComparison.Ordinal) ? Reply.Json("""{"error":{"message":"no such model","code":"model_not_found"}}""", 404)
            : streaming ? Chats.Stream : Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.DefaultModel = null);
        (await provider.CallAsync(streaming, Token)).Should().Be((null, "Oslo"));
        model = "new";
        (await provider.CallAsync(streaming, Token)).Seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.ModelMissing);
        (await provider.CallAsync(streaming, Token)).Should().Be((null, "Oslo"));
        (await provider.CallAsync(streaming, Token)).Should().Be((null, "Oslo"));
        server.Requests.Count(static r => r.Method == "GET").Should().Be(2);
    }

    [Theory]
    [InlineData("""{"data":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"},{"id":"e"},{"id":"f"}]}""", "*6 (a, b, c, d, e, ...)*DefaultModel*")]
    [InlineData("""{"data":[{"id":"a"},{"id":"b"}]}""", "*2 (a, b)*DefaultModel*")]
    [InlineData("", "*lists none*DefaultModel*")]
    public async Task Request_WithoutAnyModelWhereThereAreMany_SaysWhatToDo(string models, string message)
    {
        await using RawServer server = new(Reply.Json(models));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.DefaultModel = null);
        (await FluentActions.Awaiting(() => provider.AskAsync(cancellationToken: Token)).Should().ThrowAsync<ProviderException>().WithMessage(message))
            .Which.Kind.Should().Be(FailureKind.BadRequest);
    }

    /// <summary>Whoever sends a request, we or the SDK, it carries the same.</summary>
    [Theory]
    [InlineData("chat", "/v1/chat/completions?api-version=7")]
    [InlineData("chat by the SDK", "/v1/chat/completions?api-version=7")]
    [InlineData("stream", "/v1/chat/completions?api-version=7")]
    [InlineData("stream by the SDK", "/v1/chat/completions?api-version=7")]
    [InlineData("embeddings", "/v1/embeddings?api-version=7")]
    public async Task Request_CarriesTheQueryTheOrganisationAndNoTelemetry(string way, string path)
    {
        await using RawServer server = new(way switch
        {
            "embeddings" => Reply.Json("""{"data":[{"index":0,"embedding":[1,2]}]}"""),
            "stream" or "stream by the SDK" => Chats.Stream,
            _ => Reply.Json(Chats.Answer),
        });
        await using OpenAIProvider provider = Chats.Provider(new Uri(server.Endpoint + "?api-version=7"), o => { o.Organization = "org"; o.Project = "proj"; });
        await SendAsync(provider, way);
        Received received = server.Requests.Single();
        received.Path.Should().Be(path);
        received.Headers["OpenAI-Organization"].Should().Be("org");
        received.Headers["OpenAI-Project"].Should().Be("proj");
        received.Headers.Keys.Should().NotContain(k => k.StartsWith("X-Stainless", StringComparison.OrdinalIgnoreCase));
        received.Headers.Should().NotContainKey("Authorization", "there is no key, and the SDK's stand-in is none");
    }

    /// <summary>A chat's answer is short; vectors may be long.</summary>
    [Theory]
    [InlineData("chat", 33_554_433, true)]
    [InlineData("chat by the SDK", 33_554_433, true)]
    [InlineData("chat", 33_554_432, false)]
    [InlineData("chat by the SDK", 33_554_432, false)]
    [InlineData("embeddings", 33_554_433, false)]
    public async Task Answer_LongerThanAChatsMayBe_IsNotRead(string way, int length, bool refused)
    {
        await using RawServer server = new(new Reply { Framing = "none", Headers = [$"Content-Length: {length}"] });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        ProviderException error = (await FluentActions.Awaiting(() => SendAsync(provider, way)).Should().ThrowAsync<ProviderException>()).Which;
        error.Message.Contains("longer than 32 MiB (MaxBody)", StringComparison.Ordinal).Should().Be(refused, error.Message);
    }

    private static async Task SendAsync(OpenAIProvider provider, string way)
    {
        ChatOptions? options = way.EndsWith("by the SDK", StringComparison.Ordinal) ? new ChatOptions { Tools = [AIFunctionFactory.Create(static () => 1, "one")] } : null;
        if (way == "embeddings")
        {
            await provider.EmbeddingGenerator!.GenerateAsync(["a"], cancellationToken: Token);
        }
        else if (way.StartsWith("stream", StringComparison.Ordinal))
        {
            await provider.StreamAsync([], options, Token);
        }
        else
        {
            await provider.AskAsync(options, Token);
        }
    }

    [Fact]
    public async Task Answer_OfKoboldCpp_WhoseFinishReasonIsTheWordNull_IsRead()
    {
        Reply reply = new()
        {
            Status = "HTTP/1.0 200 OK",
            ContentType = "text/event-stream",
            Framing = "close",
            Pieces = [.. new[] { Chats.Chunk("""{"role":"assistant","content":"Os"}""", "\"null\"") + "\n\n", Chats.Chunk("""{"content":"lo"}""", "\"null\"") + "\n\n", Chats.Finish("stop") + "\n\n", "data: [DONE]" }.Select(System.Text.Encoding.UTF8.GetBytes)],
        };
        await using RawServer server = new(reply);
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.CallAsync(streaming: true, Token)).Should().Be((null, "Oslo"));
    }

    [Fact]
    public async Task Answer_NotesTheRateLimits()
    {
        await using RawServer server = new(Reply.Json(Chats.Answer, 200, "x-ratelimit-remaining-requests: 499", "x-ratelimit-remaining-tokens: 29950"));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        provider.RateLimits.RemainingRequests.Should().BeNull();
        provider.RateLimits.RemainingTokens.Should().BeNull();
        await provider.AskAsync(cancellationToken: Token);
        provider.RateLimits.RemainingRequests.Should().Be(499);
        provider.RateLimits.RemainingTokens.Should().Be(29_950);
    }

    [Fact]
    public async Task Stream_CarriesTheServersRequestId()
    {
        await using RawServer server = new(Chats.Stream with { Headers = ["x-request-id: req_9"] });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        List<ChatResponseUpdate> updates = [];
        await provider.StreamAsync(updates, null, Token);
        updates.Single(u => u.FinishReason is not null).AdditionalProperties!["request_id"].Should().Be("req_9");
    }

    [Theory]
    [InlineData(OpenAIServerProfile.Generic, "openai")]
    [InlineData(OpenAIServerProfile.Azure, "azure.ai.openai")]
    public async Task GetService_TellsWhoItIs(OpenAIServerProfile profile, string name)
    {
        await using OpenAIProvider provider = Chats.Provider(new Uri("http://127.0.0.1:9/v1"), o => { o.Profile = profile; o.ApiKey = "k"; });
        ChatClientMetadata metadata = provider.ChatClient!.GetService<ChatClientMetadata>()!;
        metadata.ProviderName.Should().Be(name);
        metadata.ProviderUri.Should().Be(new Uri("http://127.0.0.1:9/v1/"));
        metadata.DefaultModelId.Should().Be("sable");
        provider.ChatClient!.GetService<ChatClient>().Should().NotBeNull("the SDK's client stays reachable");
        provider.ChatClient!.GetService(typeof(string), "key").Should().BeNull();
        provider.ChatClient!.GetService<IChatClient>().Should().BeSameAs(provider.ChatClient);
        provider.ChatClient!.Dispose();
        EmbeddingGeneratorMetadata embeddings = (EmbeddingGeneratorMetadata)provider.EmbeddingGenerator!.GetService(typeof(EmbeddingGeneratorMetadata))!;
        embeddings.ProviderName.Should().Be(name);
        provider.EmbeddingGenerator!.GetService(typeof(EmbeddingGeneratorMetadata), "key").Should().BeNull();
        provider.EmbeddingGenerator!.GetService(provider.EmbeddingGenerator.GetType()).Should().BeSameAs(provider.EmbeddingGenerator);
        provider.EmbeddingGenerator!.GetService(typeof(string)).Should().BeNull();
        provider.EmbeddingGenerator!.Dispose();
    }

    private static async Task<JsonElement> SentAsync(OpenAIServerProfile profile, ChatOptions? options)
    {
        await using RawServer server = new(Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => { o.Profile = profile; o.ApiKey = "k"; });
        ChatResponse response = await provider.ChatClient!.GetResponseAsync([new ChatMessage(ChatRole.User, "?")], options, Token);
        response.Text.Should().Be("Oslo");
        using JsonDocument document = JsonDocument.Parse(server.Requests.Single().Body);
        return document.RootElement.Clone();
    }
}
