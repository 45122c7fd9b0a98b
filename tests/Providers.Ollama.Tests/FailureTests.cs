using Providers.Http;

namespace Providers.Ollama.Tests;

/// <summary>What Ollama's failures become: kind, what the caller sees, streamed and whole.</summary>
public sealed class FailureTests
{
    public static TheoryData<int, string, FailureKind> Answers => new()
    {
        { 503, """{"error":"server busy, please try again.  maximum pending requests exceeded"}""", FailureKind.Overloaded },
        { 500, """{"error":"llama-server process has terminated: signal: killed"}""", FailureKind.Transient },
        { 500, """{"error":"model runner has unexpectedly stopped, this may be due to resource limitations"}""", FailureKind.Transient },
        { 500, """{"error":"llama-server reported out-of-memory during startup"}""", FailureKind.Overloaded },
        { 500, """{"error":"unable to load full model on GPU"}""", FailureKind.Overloaded },
        { 500, """{"error":"timed out waiting for llama-server to start - "}""", FailureKind.ModelLoading },
        { 500, """{"error":"tensor 'blk.0' exceeds file size"}""", FailureKind.Transient },
        { 404, """{"error":"model 'm' not found"}""", FailureKind.ModelMissing },
        { 404, """{"error":"model \"m\" not found, try pulling it first"}""", FailureKind.ModelMissing },
        { 404, "404 page not found", FailureKind.BadRequest },
        { 400, """{"error":"model is required"}""", FailureKind.BadRequest },
        { 400, """{"error":"the input length exceeds the context length"}""", FailureKind.ContextLengthExceeded },
        { 400, """{"error":"do embedding request: Post \"http://127.0.0.1/embedding\": EOF"}""", FailureKind.Transient },
        { 400, """{"error":"embedding contains NaN or Inf values"}""", FailureKind.Unknown },
        { 401, """{"error":"unauthorized"}""", FailureKind.AuthFailed },
        { 403, """{"error":"cloud disabled"}""", FailureKind.AuthFailed },
        { 403, "", FailureKind.BadRequest },
        { 402, """{"error":"no credit"}""", FailureKind.QuotaExhausted },
        { 429, """{"error":"slow down"}""", FailureKind.RateLimited },
        { 499, """{"error":"request canceled"}""", FailureKind.Cancelled },
        { 502, """{"error":"cloud unreachable"}""", FailureKind.Transient },
        { 503, "", FailureKind.Overloaded },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Classify_ByTheTable(int status, string body, FailureKind kind)
    {
        ProviderFailure failure = OllamaFailures.Classify(new WireError(status, body))!;
        failure.Kind.Should().Be(kind);
        failure.Status.Should().Be(status);
    }

    [Theory]
    [InlineData("\"m\" does not support chat", ModelCapabilities.Chat)]
    [InlineData("\"m\" does not support thinking", ModelCapabilities.Reasoning)]
    [InlineData("m does not support tools", ModelCapabilities.Tools)]
    [InlineData("this model does not support embeddings", ModelCapabilities.Embeddings)]
    [InlineData("this model does not support images", ModelCapabilities.Vision)]
    public void Classify_MissingCapability_NamesIt(string text, ModelCapabilities capability)
    {
        ProviderFailure failure = OllamaFailures.Classify(new WireError(400, text))!;
        failure.Kind.Should().Be(FailureKind.BadRequest);
        failure.MissingCapability.Should().Be(capability);
    }

    [Fact]
    public void Classify_InsideAStreamAndPages_AreToldApart()
    {
        OllamaFailures.Classify(new WireError(200, """{"error":"an error was encountered while running the model: unexpected EOF"}""") { InStream = true })!.Kind.Should().Be(FailureKind.ConnectionLost);
        OllamaFailures.Classify(new WireError(200, """{"error":"whatever"}""") { InStream = true })!.Kind.Should().Be(FailureKind.ConnectionLost);
        OllamaFailures.Classify(new WireError(200, """{"error":"whatever"}""")).Should().BeNull();
        OllamaFailures.Classify(new WireError(502, "<html>") { IsPage = true }).Should().BeNull();
        OllamaFailures.Classify(new WireError(501, "no"))!.MissingCapability.Should().Be(ModelCapabilities.Embeddings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chat_ModelMissing_NamesTheModelAndTheCommand(bool streamed)
    {
        await using OllamaServer server = await OllamaServer.StartAsync(new ModelServerOptions { Models = ["other:1b"] });
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        ProviderException error = await FailAsync(provider, "ghost:7b", streamed);
        error.Kind.Should().Be(FailureKind.ModelMissing);
        error.Provider.Should().Be("o");
        error.Model.Should().Be("ghost:7b");
        error.Message.Should().Contain("ollama pull ghost:7b");
    }

    public static TheoryData<Fault, FailureKind, bool> Faults => new()
    {
        { Fault.CutAfter(20), FailureKind.ConnectionLost, true },
        { Fault.EndAfter(20), FailureKind.ConnectionLost, true },
        { Fault.MalformedAfter(20), FailureKind.ConnectionLost, true },
        { Fault.ErrorAfter(20), FailureKind.ConnectionLost, true },
        { Fault.CutAfter(0), FailureKind.ConnectionLost, false },
        { Fault.Status(503), FailureKind.Overloaded, false },
        { Fault.StallAfter(20), FailureKind.TimedOut, true },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Chat_ServerFails_IsNeverASuccess(Fault fault, FailureKind kind, bool midway)
    {
        foreach (bool streamed in (bool[])[true, false])
        {
            await using OllamaServer server = await OllamaServer.StartAsync();
            server.Faults.Always(fault.On("/api/chat"));
            using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint, IdleTimeout = kind is FailureKind.TimedOut ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromMinutes(1) });
            List<ChatResponseUpdate> updates = [];
            ProviderException error = await FailAsync(provider, "m", streamed, updates);
            error.Kind.Should().Be(kind);
            if (streamed && midway)
            {
                string text = updates.ToChatResponse().Text;
                text.Should().NotBeEmpty();
                CanonicalAnswer.StartsWith(text).Should().BeTrue();
            }
        }
    }

    [Fact]
    public async Task Chat_CancelledOnAFrozenStream_EndsAtOnce()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        server.Faults.Always(Fault.StallAfter(5));
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        using CancellationTokenSource source = new();
        int tokens = 0;
        await FluentActions.Awaiting(async () =>
        {
            await foreach (ChatResponseUpdate _ in provider.ChatClient!.GetStreamingResponseAsync("hi", new ChatOptions { ModelId = "m" }, source.Token))
            {
                if (++tokens == 5)
                {
                    source.CancelAfter(1);
                }
            }
        }).Should().ThrowAsync<OperationCanceledException>();
        await server.Requests[^1].Ended;
        server.Requests[^1].ClientLeft.Should().BeTrue();
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(100, true)]
    [InlineData(8, false)]
    public async Task Chat_EndedByLength_SaysWhetherTheContextWasFull(int? limit, bool full)
    {
        await using FixtureServer server = await FixtureServer.StartAsync(WireFixture.Parse("full", """
            %% request
            POST /api/chat

            {}
            %% response
            200 OK
            Content-Type: application/x-ndjson
            @framing chunked

            @chunk
            {"model":"m","message":{"role":"assistant","content":"Os"},"done":true,"done_reason":"length","prompt_eval_count":4090,"eval_count":8}

            @end ok

            """.ReplaceLineEndings("\n")));
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        ChatResponseUpdate last = await provider.ChatClient!.GetStreamingResponseAsync("hi", new ChatOptions { ModelId = "m", MaxOutputTokens = limit }).LastAsync();
        last.FinishReason.Should().Be(ChatFinishReason.Length);
        (last.AdditionalProperties?.ContainsKey("context_full") ?? false).Should().Be(full);
    }

    [Fact]
    public async Task Chat_NobodyListens_IsConnectionLost()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        server.Stop();
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        (await FailAsync(provider, "m", true)).Kind.Should().Be(FailureKind.ConnectionLost);
        (await provider.CheckHealthAsync()).Health.Should().Be(ProviderHealth.Unhealthy);
        provider.Classify(new IOException("x")).Kind.Should().Be(FailureKind.ConnectionLost);
    }

    private static async Task<ProviderException> FailAsync(OllamaProvider provider, string model, bool streamed, List<ChatResponseUpdate>? updates = null)
    {
        ChatOptions options = new() { ModelId = model };
        return (await FluentActions.Awaiting(async () =>
        {
            if (!streamed)
            {
                await provider.ChatClient!.GetResponseAsync("hi", options);
                return;
            }

            await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync("hi", options))
            {
                updates?.Add(update);
            }
        }).Should().ThrowAsync<ProviderException>()).Which;
    }
}
