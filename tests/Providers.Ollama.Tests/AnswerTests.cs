using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.Ollama.Tests;

/// <summary>Answers out of the ordinary, byte for byte over a real socket.</summary>
public sealed class AnswerTests
{
    private const string Line = """{"model":"m","message":{"role":"assistant","content":"Os"},"done":false}""";
    private const string Done = """{"model":"m","message":{"role":"assistant","content":"lo"},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"model":7,"message":{"content":"x"},"done":false}""")]
    [InlineData("""{"created_at":7,"done":false}""")]
    [InlineData("""{"done_reason":7,"done":true}""")]
    [InlineData("""{"message":7,"done":false}""")]
    [InlineData("""{"message":{"tool_calls":[{"id":"c"}]},"done":false}""")]
    [InlineData("""{"message":{"tool_calls":[7]},"done":false}""")]
    public async Task Chat_LineThatIsNotOneOfChat_LosesTheStreamWithWhatCame(string line)
    {
        await using FixtureServer server = await StartAsync(Lines(Line, line, Done));
        using OllamaProvider provider = Provider(server);
        List<ChatResponseUpdate> updates = [];
        ProviderException error = (await FluentActions.Awaiting(async () =>
        {
            await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync("hi", null, Stop))
            {
                updates.Add(update);
            }
        }).Should().ThrowAsync<ProviderException>()).Which;
        (error.Kind, error.Provider, error.Model).Should().Be((FailureKind.ConnectionLost, "o", "m"));
        updates.ToChatResponse().Text.Should().Be("Os");
    }

    [Theory]
    [InlineData("""{"message":{"content":"lo","tool_calls":null},"done":true}""", "stop", 0)]
    [InlineData("""{"message":{"content":"lo","thinking":7},"done":true,"eval_count":"many"}""", "stop", 0)]
    [InlineData("""{"created_at":"2026-11-23T00:00:00Z","message":{"content":"lo","tool_calls":[{"function":{"arguments":"x"}}]},"done":true,"eval_count":2}""", "tool_calls", 2)]
    [InlineData("""{"created_at":"yesterday","message":{"content":"lo"},"done":true,"done_reason":"load"}""", "stop", 0)]
    public async Task Chat_FieldsThatAreMissingOrOdd_AreDoneWithout(string last, string finish, int output)
    {
        await using FixtureServer server = await StartAsync(Lines(Line, last));
        using OllamaProvider provider = Provider(server);
        ChatResponse response = await provider.ChatClient!.GetResponseAsync("hi", null, Stop);
        response.Text.Should().Be("Oslo");
        response.FinishReason!.Value.Value.Should().Be(finish);
        response.Usage!.OutputTokenCount.Should().Be(output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_LastLine_GivesTheCountsAndTheDurations(bool streaming)
    {
        const string Last = """{"message":{"content":"lo"},"done":true,"done_reason":"stop","prompt_eval_count":11,"eval_count":2,"total_duration":5000000,"load_duration":1000000,"prompt_eval_duration":1500000,"eval_duration":2500000}""";
        await using FixtureServer server = await StartAsync(Lines(Line, Last));
        using OllamaProvider provider = Provider(server);
        ChatResponse response = streaming
            ? await provider.ChatClient!.GetStreamingResponseAsync("hi", null, Stop).ToChatResponseAsync(Stop)
            : await provider.ChatClient!.GetResponseAsync("hi", null, Stop);
        (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount).Should().Be((11, 2, 13));
        AdditionalPropertiesDictionary durations = response.AdditionalProperties ?? response.Messages[^1].AdditionalProperties!;
        new[] { "total_duration", "load_duration", "prompt_eval_duration", "eval_duration" }.Select(n => ((TimeSpan)durations[n]!).TotalMilliseconds).Should().Equal(5, 1, 1.5, 2.5);
    }

    [Fact]
    public async Task Chat_CallsWithoutIds_GetEachItsOwn()
    {
        const string Calls = """{"message":{"tool_calls":[{"function":{"name":"a","arguments":{"x":1}}},{"function":{"name":"b","arguments":{}}},{"id":"own","function":{}}]},"done":true}""";
        await using FixtureServer server = await StartAsync(Lines(Line, Calls));
        using OllamaProvider provider = Provider(server);
        FunctionCallContent[] calls = [.. (await provider.ChatClient!.GetResponseAsync("hi", null, Stop)).Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>()];
        calls.Select(static c => c.Name).Should().Equal("a", "b", "");
        calls[0].CallId.Should().StartWith("call_").And.HaveLength(37).And.NotBe(calls[1].CallId);
        calls[2].CallId.Should().Be("own");
    }

    [Fact]
    public async Task Chat_MessagesThatCanBeReadOnce_AreSentWhole_AndNoneIsRefused()
    {
        await using FixtureServer server = await StartAsync(Lines(Line, Done));
        using OllamaProvider provider = Provider(server);
        static IEnumerable<ChatMessage> Once()
        {
            yield return new ChatMessage(ChatRole.System, "be kind");
            yield return new ChatMessage(ChatRole.User, "hi");
        }

        (await provider.ChatClient!.GetResponseAsync(Once(), null, Stop)).Text.Should().Be("Oslo");
        await FluentActions.Awaiting(() => provider.ChatClient!.GetResponseAsync((IEnumerable<ChatMessage>)null!, null, Stop)).Should().ThrowAsync<ArgumentNullException>();
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(" ", true)]
    [InlineData("x", false)]
    public void Provider_WithoutANameOrOptions_IsNotMade(string name, bool hasOptions) =>
        FluentActions.Invoking(() => new OllamaProvider(name, hasOptions ? new OllamaProviderOptions() : null!)).Should().Throw<ArgumentException>()
            .Which.ParamName.Should().Be(hasOptions ? "name" : "options");

    [Fact]
    public async Task Chat_WholeAnswer_CarriesWhatItsLastLineSays()
    {
        await using FixtureServer server = await StartAsync(Lines(Line, """{"message":{"content":"lo"},"done":true,"done_reason":"length","eval_count":2,"total_duration":1500000}"""));
        using OllamaProvider provider = Provider(server);
        ChatResponse response = await provider.ChatClient!.GetResponseAsync("hi", null, Stop);
        response.FinishReason.Should().Be(ChatFinishReason.Length);
        response.AdditionalProperties.Should().Contain(ChatLine.ContextFull, true).And.Contain("total_duration", TimeSpan.FromMilliseconds(1.5));
        response.AdditionalProperties.Should().NotBeSameAs(response.Messages[0].AdditionalProperties, "what a decorator notes on the answer is no part of the message");
    }

    [Fact]
    public async Task Chat_OfAServerThatSaysNothing_IsNoAnswer()
    {
        await using FixtureServer server = await StartAsync("200 OK\n@framing content-length\n\n@end ok\n");
        using OllamaProvider provider = Provider(server);
        (await FluentActions.Awaiting(() => provider.ChatClient!.GetResponseAsync("hi", null, Stop)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.ConnectionLost);
    }

    [Theory]
    [InlineData("""{"embeddings":[[1e999,0]]}""", "finite")]
    [InlineData("""{"embeddings":[[null,0]]}""", "not the JSON")]
    [InlineData("""{"embeddings":[[]]}""", "0 dimensions")]
    [InlineData("""{"embeddings":[[1,0],[1]]}""", "2 vectors of 2, 1 dimensions")]
    [InlineData("""{"embeddings":[["x"]]}""", "not the JSON")]
    [InlineData("""{"embeddings":7}""", "not the JSON")]
    [InlineData("""{}""", "not the JSON")]
    public async Task Embed_AnswerOutOfShape_IsInvalidAndSaysHow(string body, string message)
    {
        await using FixtureServer server = await StartAsync(Json(200, body));
        using OllamaProvider provider = Provider(server);
        ProviderException error = (await FluentActions.Awaiting(() => provider.EmbeddingGenerator!.GenerateAsync(["a"], null, Stop)).Should().ThrowAsync<ProviderException>()).Which;
        error.Kind.Should().Be(FailureKind.InvalidResponse);
        error.Message.Should().Contain(message);
    }

    [Theory]
    [InlineData("""{"embeddings":[[1,0]],"prompt_eval_count":4}""", 4L)]
    [InlineData("""{"embeddings":[[1,0]]}""", null)]
    public async Task Embed_Usage_IsWhatTheServerCounted(string body, long? tokens)
    {
        await using FixtureServer server = await StartAsync(Json(200, body));
        using OllamaProvider provider = Provider(server);
        GeneratedEmbeddings<Embedding<float>> made = await provider.EmbeddingGenerator!.GenerateAsync(["a"], null, Stop);
        made[0].Vector.ToArray().Should().Equal(1, 0);
        (made.Usage?.InputTokenCount).Should().Be(tokens);
        (await provider.EmbeddingGenerator!.GenerateAsync([], null, Stop)).Should().BeEmpty();
        provider.EmbeddingGenerator!.GetService<EmbeddingGeneratorMetadata>()!.ProviderName.Should().Be("ollama");
        provider.EmbeddingGenerator!.GetService(typeof(EmbeddingGeneratorMetadata), "key").Should().BeNull();
        provider.EmbeddingGenerator!.GetService<string>().Should().BeNull();
        provider.EmbeddingGenerator!.GetService(provider.EmbeddingGenerator.GetType()).Should().BeSameAs(provider.EmbeddingGenerator);
        provider.EmbeddingGenerator!.Dispose();
        (await provider.EmbeddingGenerator!.GenerateAsync(["b"], null, Stop)).Should().ContainSingle("the provider owns the connections");
    }

    [Theory]
    [InlineData("""{"error":"pull model manifest: file does not exist"}""", "file does not exist")]
    [InlineData("""{"error":"pull model manifest: dial tcp: lookup registry.example: no such host"}""", "no such host")]
    [InlineData("""{"status":"verifying sha256 digest"}""", "pulling it failed")]
    public async Task Chat_MissingModelWhosePullFails_IsMissingAndSaysWhy(string last, string reason)
    {
        await using FixtureServer server = await FixtureServer.StartAsync(
        [
            WireFixture.Parse("chat", "%% request\nPOST /api/chat\n\n{}\n%% response\n" + Json(404, """{"error":"model 'm' not found"}""")),
            WireFixture.Parse("pull", "%% request\nPOST /api/pull\n\n{}\n%% response\n" + Lines("""{"status":"pulling manifest"}""", last)),
        ]);
        using OllamaProvider provider = Provider(server, static o => o.PullMissingModels = true);
        ProviderException error = (await FluentActions.Awaiting(() => provider.ChatClient!.GetResponseAsync("hi", null, Stop)).Should().ThrowAsync<ProviderException>()).Which;
        (error.Kind, error.Model).Should().Be((FailureKind.ModelMissing, "m"));
        error.Message.Should().Contain(reason);
        server.Requests.Select(static r => r.Path).Should().Equal("/api/chat", "/api/pull");
    }

    [Fact]
    public async Task Pull_Progress_IsTold()
    {
        await using FixtureServer server = await StartAsync(Lines("""{"status":"pulling a","digest":"a","total":8,"completed":2}""", """{"status":"success"}"""));
        using OllamaProvider provider = Provider(server);
        TaskCompletionSource<double> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await provider.PullAsync("m", new Progress<double>(p => told.TrySetResult(p)), Stop);
        (await told.Task.WaitAsync(Stop)).Should().Be(0.25);
        await FluentActions.Awaiting(() => provider.PullAsync(" ", null, Stop)).Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Pull_Cancelled_IsTheCallersCancellation()
    {
        await using FixtureServer server = await StartAsync("-\n@framing none\n\n@end hang\n");
        using OllamaProvider provider = Provider(server);
        using CancellationTokenSource caller = new();
        Task pull = provider.PullAsync("m", null, caller.Token);
        await server.WaitForRequestsAsync(1, Stop);
        await caller.CancelAsync();
        await FluentActions.Awaiting(() => pull).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Models_NoneOnTheServer_IsMissingAndNamesTheCommand()
    {
        await using FixtureServer server = await StartAsync(Json(200, """{"models":[]}"""));
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint }, NullLoggerFactory.Instance, TimeProvider.System);
        ProviderException error = (await FluentActions.Awaiting(() => provider.ChatClient!.GetResponseAsync("hi", null, Stop)).Should().ThrowAsync<ProviderException>()).Which;
        error.Kind.Should().Be(FailureKind.ModelMissing);
        error.Message.Should().Contain("ollama pull");
        await FluentActions.Awaiting(() => provider.WarmUpAsync(null, Stop)).Should().ThrowAsync<ProviderException>();
    }

    [Theory]
    [InlineData("""{"models":7}""")]
    [InlineData("<html>")]
    public async Task Models_ListOutOfShape_IsInvalid(string body)
    {
        await using FixtureServer server = await StartAsync(Json(200, body));
        using OllamaProvider provider = Provider(server);
        (await FluentActions.Awaiting(async () => await provider.DiscoverModelsAsync(Stop)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.InvalidResponse);
    }

    private static OllamaProvider Provider(FixtureServer server, Action<OllamaProviderOptions>? configure = null)
    {
        OllamaProviderOptions options = new() { Endpoint = server.Endpoint, DefaultModel = "m" };
        configure?.Invoke(options);
        return new OllamaProvider("o", options);
    }

    private static Task<FixtureServer> StartAsync(string response) => FixtureServer.StartAsync(WireFixture.Parse("x", "%% request\nPOST /any\n\n{}\n%% response\n" + response));

    private static string Json(int status, string body) => $"{status} X\nContent-Type: application/json\n@framing content-length\n\n@chunk\n{body}\n@end ok\n";

    private static string Lines(params string[] lines) =>
        $"200 OK\nContent-Type: application/x-ndjson\n@framing chunked\n\n{string.Concat(lines.Select(static l => $"@chunk\n{l}\n\n"))}@end ok\n";
}
