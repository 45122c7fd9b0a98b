using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Mlx.Tests;

public sealed class RequestTests
{
    [Fact]
    public async Task Request_OnTheWire_IsWhatTheServerReads()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Answer("Os", "lo.")));
        await using MlxProvider provider = Chat.Attach(server);
        ChatResponse response = await Chat.AskAsync(provider);
        response.Text.Should().Be("Oslo.");
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        response.Usage!.InputTokenCount.Should().Be(18);
        response.Usage.OutputTokenCount.Should().Be(4);

        RawServer.Exchange sent = server.Exchanges.Single();
        sent.Path.Should().Be("/v1/chat/completions");
        sent.Head.Should().NotContain(h => h.StartsWith("Transfer-Encoding", StringComparison.OrdinalIgnoreCase));
        sent.Json.GetProperty("model").GetString().Should().Be("default_model");
        sent.Json.GetProperty("stream").GetBoolean().Should().BeTrue();
        sent.Json.GetProperty("stream_options").GetProperty("include_usage").GetBoolean().Should().BeTrue();
        Limit(sent.Json).Should().Be(4096);
        sent.Body.Should().NotContain(":null");
    }

    [Fact]
    public async Task Request_CallersOptions_AreSentAndNotChanged()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Answer("x")));
        await using MlxProvider provider = Chat.Attach(server, o => o.Model = "org/one");
        ChatOptions options = new() { Temperature = 0.5f, TopP = 0.9f, MaxOutputTokens = 7, StopSequences = ["END"], ModelId = "org/two", ToolMode = ChatToolMode.None, Tools = [AIFunctionFactory.Create(() => 1, "one")] };
        options = new RequestPreferences { LocalOnly = true }.ApplyTo(options);
        await Chat.AskAsync(provider, options);
        await Chat.AskAsync(provider);
        JsonElement sent = server.Exchanges[0].Json;
        sent.GetProperty("model").GetString().Should().Be("org/two");
        sent.GetProperty("temperature").GetDouble().Should().BeApproximately(0.5, 1e-6);
        Limit(sent).Should().Be(7);
        sent.TryGetProperty("tools", out _).Should().BeFalse("the server would ignore tool_choice none");
        server.Exchanges[0].Body.Should().NotContain("providers.preferences");
        server.Exchanges[1].Json.GetProperty("model").GetString().Should().Be("org/one");
        options.Tools.Should().ContainSingle();
        options.ModelId.Should().Be("org/two");
    }

    [Theory]
    [InlineData("image/png", "image")]
    [InlineData("audio/wav", "'audio/wav'")]
    public async Task Request_NotText_IsRefusedBeforeSending(string type, string message)
    {
        await using RawServer server = new(_ => Task.CompletedTask);
        await using MlxProvider provider = Chat.Attach(server);
        foreach (AIContent content in new AIContent[] { new DataContent(new byte[] { 1 }, type), new UriContent("https://example.org/x", type) })
        {
            ProviderException e = await Chat.FailsAsync(provider, null, new ChatMessage(ChatRole.User, [content]));
            e.Kind.Should().Be(FailureKind.BadRequest);
            e.Message.Should().Contain(message);
            e.Failure.MissingCapability.Should().Be(type.StartsWith("image") ? ModelCapabilities.Vision : ModelCapabilities.None);
        }

        (await Chat.FailsAsync(provider, null, new ChatMessage(ChatRole.User, [new HostedFileContent("file-1")]))).Message.Should().Contain("file");
        server.Exchanges.Should().BeEmpty();
    }

    [Fact]
    public void Check_OutOfRange_NamesTheValueAndTheRange()
    {
        (ChatOptions Options, string Message)[] wrong =
        [
            (new() { Temperature = -1 }, "Temperature is -1"),
            (new() { Temperature = float.NaN }, "Temperature is NaN"),
            (new() { TopP = 3 }, "TopP is 3; it must be 0 to 1"),
            (new() { TopK = -1 }, "TopK is -1"),
            (new() { MaxOutputTokens = 0 }, "MaxOutputTokens is 0"),
            (new() { PresencePenalty = float.PositiveInfinity }, "PresencePenalty"),
            (new() { FrequencyPenalty = float.NaN }, "FrequencyPenalty"),
            (new() { StopSequences = [""] }, "StopSequences"),
        ];
        foreach ((ChatOptions options, string message) in wrong)
        {
            ProviderFailure failure = RequestCheck.Failure(Chat.Question, options, null)!;
            failure.Kind.Should().Be(FailureKind.BadRequest);
            failure.Message.Should().Contain(message);
        }

        RequestCheck.Failure(Chat.Question, new() { Temperature = 0, TopP = 1, TopK = 0, MaxOutputTokens = 1, PresencePenalty = 0, FrequencyPenalty = 0, StopSequences = ["x"] }, null).Should().BeNull();
        RequestCheck.Failure([], null, null)!.Message.Should().Contain("no messages");
    }

    [Fact]
    public async Task Request_LongerThanTheDeclaredWindow_IsRefusedBeforeSending()
    {
        await using RawServer server = new(_ => Task.CompletedTask);
        await using MlxProvider provider = Chat.Attach(server, o => o.Models["org/small"] = new ModelOptions { ContextWindow = 100 });
        ProviderException e = await Chat.FailsAsync(provider, null, new ChatMessage(ChatRole.User, new string('x', 1000)));
        e.Kind.Should().Be(FailureKind.ContextLengthExceeded);
        e.Failure.ContextWindow.Should().Be(100);
        e.Failure.PromptTokens.Should().Be(250);
        server.Exchanges.Should().BeEmpty();
    }

    [Fact]
    public async Task Request_MoreThanTheLimit_WaitsForAPlace()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource two = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int atOnce = 0, most = 0;
        await using RawServer server = new(async x =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            if (atOnce == 2)
            {
                two.TrySetResult();
            }

            await go.Task;
            Interlocked.Decrement(ref atOnce);
            await x.WriteAsync(Sse.Answer("x"));
        });
        await using MlxProvider provider = Chat.Attach(server, o => o.MaxConcurrency = 2);
        Task<ChatResponse>[] asked = [.. Enumerable.Range(0, 6).Select(_ => Chat.AskAsync(provider))];
        await two.Task;
        go.SetResult();
        await Task.WhenAll(asked);
        most.Should().Be(2);
    }

    [Fact]
    public async Task Stream_LeftEarly_FreesItsPlaceAndClosesTheConnection()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int request = 0;
        await using RawServer server = new(async x =>
        {
            if (Interlocked.Increment(ref request) > 1)
            {
                await x.WriteAsync(Sse.Answer("second"));
                return;
            }

            await x.WriteAsync(Sse.Head + Sse.Text("first"));
            await x.HangAsync();
            left.SetResult();
        });
        await using MlxProvider provider = Chat.Attach(server, o => o.MaxConcurrency = 1);
        await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync(Chat.Question, null, TestContext.Current.CancellationToken))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        await left.Task;
        (await Chat.AskAsync(provider)).Text.Should().Be("second");
    }

    [Fact]
    public async Task GetService_KnowsMetadataAndItself()
    {
        await using RawServer server = new(_ => Task.CompletedTask);
        await using MlxProvider provider = Chat.Attach(server, o => o.Model = "org/one");
        IChatClient client = provider.ChatClient!;
        ChatClientMetadata metadata = client.GetService<ChatClientMetadata>()!;
        metadata.ProviderName.Should().Be("mlx.mlx_lm");
        metadata.DefaultModelId.Should().Be("org/one");
        client.GetService(client.GetType()).Should().BeSameAs(client);
        client.GetService(typeof(ChatClientMetadata), "key").Should().BeNull();
        client.GetService(typeof(RequestTests)).Should().BeNull();
        client.Dispose();
    }

    private static int Limit(JsonElement body) => body.GetProperty(body.TryGetProperty("max_tokens", out _) ? "max_tokens" : "max_completion_tokens").GetInt32();
}
