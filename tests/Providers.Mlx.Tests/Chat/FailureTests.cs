using Microsoft.Extensions.AI;

namespace Providers.Mlx.Tests;

public sealed class FailureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(404, """{"error": "404 Client Error. Repository Not Found for url: https://huggingface.co/api/models/acme/none"}""", FailureKind.ModelMissing)]
    [InlineData(404, """{"error": "Cannot find an appropriate cached snapshot folder for the specified revision on the local disk"}""", FailureKind.ModelMissing)]
    [InlineData(404, """{"error": "acme/none is not a valid model identifier"}""", FailureKind.ModelMissing)]
    [InlineData(404, """{"error": "[Errno 2] No such file or directory: '/models/x/config.json'"}""", FailureKind.ModelMissing)]
    [InlineData(404, """{"error": "Cannot reach https://huggingface.co: offline mode is enabled."}""", FailureKind.ModelMissing)]
    [InlineData(404, """{"error": "Only 'text' content type is supported."}""", FailureKind.BadRequest)]
    [InlineData(404, """{"error": "Conversation roles must alternate user/assistant/user/assistant/..."}""", FailureKind.BadRequest)]
    [InlineData(404, """{"error": "'str' object has no attribute 'get'"}""", FailureKind.BadRequest)]
    [InlineData(404, """{"error": "[metal::malloc] Resource limit (499000) exceeded."}""", FailureKind.Overloaded)]
    [InlineData(400, """{"error": "Invalid JSON in request body: Expecting value"}""", FailureKind.BadRequest)]
    [InlineData(411, """{"error": "Content-Length header is required"}""", FailureKind.BadRequest)]
    [InlineData(401, """{"detail":"Invalid API key"}""", FailureKind.AuthFailed)]
    [InlineData(429, """{"detail":"Rate limit exceeded"}""", FailureKind.RateLimited)]
    [InlineData(503, """{"detail":"Server busy"}""", FailureKind.Overloaded)]
    [InlineData(503, """{"error":{"message":"Loading model","type":"unavailable_error","code":503}}""", FailureKind.ModelLoading)]
    [InlineData(504, """{"detail":"Request timed out"}""", FailureKind.Transient)]
    [InlineData(500, """{"detail":"Failed to load embedding model: 404 Client Error."}""", FailureKind.ModelMissing)]
    [InlineData(400, """{"detail":{"error":"embedding_input_too_long","message":"Input 0 has 1400 tokens","token_count":1400,"max_length":1024}}""", FailureKind.ContextLengthExceeded)]
    [InlineData(500, "<html>proxy</html>", FailureKind.Transient)]
    public async Task Refusal_ByStatusAndText_IsClassified(int status, string body, FailureKind kind)
    {
        await using RawServer server = RawServer.Json(body, status);
        await using MlxProvider provider = Chat.Attach(server);
        ProviderException e = await Chat.FailsAsync(provider);
        e.Kind.Should().Be(kind);
        e.Failure.Status.Should().Be(status);
        e.OutputCommitted.Should().BeFalse();
        e.Provider.Should().Be("mlx");
        provider.Classify(e).Kind.Should().Be(kind);
        server.Exchanges.Should().ContainSingle("nothing below may retry");
    }

    [Fact]
    public async Task Dropped_ServerIsWell_IsBadRequest()
    {
        await using RawServer server = new(x => x.IsProbe ? x.WriteAsync(Sse.Answer("x")) : Task.CompletedTask);
        await using MlxProvider provider = Chat.Attach(server);
        ProviderException e = await Chat.FailsAsync(provider);
        e.Kind.Should().Be(FailureKind.BadRequest);
        e.Message.Should().Contain("refused a parameter");
        server.Exchanges.Should().HaveCount(2);
    }

    [Fact]
    public async Task Dropped_CallerLeavesWhileTheServerIsAsked_DoesNotWaitForTheProbe()
    {
        TaskCompletionSource probed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async x =>
        {
            if (x.IsProbe)
            {
                probed.SetResult();
                await x.HangAsync();
            }
        });
        await using MlxProvider provider = Chat.Attach(server, static o => o.ProbeTimeout = TimeSpan.FromMinutes(10));
        using CancellationTokenSource caller = new();
        Task<ChatResponse> asking = provider.ChatClient!.GetResponseAsync(Chat.Question, null, caller.Token);
        await probed.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await caller.CancelAsync();
        await FluentActions.Awaiting(() => asking.WaitAsync(TimeSpan.FromMinutes(2))).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Dropped_ServerIsNotWell_IsConnectionLost()
    {
        await using RawServer server = new(_ => Task.CompletedTask);
        await using MlxProvider provider = Chat.Attach(server);
        (await Chat.FailsAsync(provider)).Kind.Should().Be(FailureKind.ConnectionLost);
    }

    [Fact]
    public async Task Refused_NobodyListens_IsConnectionLostWithoutAProbe()
    {
        RawServer server = new(_ => Task.CompletedTask);
        await server.DisposeAsync();
        await using MlxProvider provider = Chat.Attach(server);
        (await Chat.FailsAsync(provider)).Kind.Should().Be(FailureKind.ConnectionLost);
    }

    [Fact]
    public async Task Stream_EndsWithoutAFinishReason_IsConnectionLostWithWhatCame()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head + ": keepalive 18/18\n\n" + Sse.Text("Os")));
        await using MlxProvider provider = Chat.Attach(server);
        (List<ChatResponseUpdate> updates, ProviderException? failure) = await Chat.StreamAsync(provider);
        string.Concat(updates.Select(u => u.Text)).Should().Be("Os");
        failure!.Kind.Should().Be(FailureKind.ConnectionLost);
        failure.OutputCommitted.Should().BeTrue();
        failure.PartialResponse!.Text.Should().Be("Os");

        ProviderException whole = await Chat.FailsAsync(provider);
        whole.Kind.Should().Be(FailureKind.ConnectionLost);
        whole.OutputCommitted.Should().BeFalse("nothing was handed to the caller");
    }

    [Fact]
    public async Task Stream_MissingDoneAfterTheFinishReason_IsComplete()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head + Sse.Text("Oslo.") + Sse.Delta("""{"role":"assistant"}""", "\"stop\"")));
        await using MlxProvider provider = Chat.Attach(server);
        (await Chat.AskAsync(provider)).Text.Should().Be("Oslo.");
    }

    [Fact]
    public async Task Stream_ErrorEvent_IsAFailure()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head + Sse.Text("Os") + "data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":500}}\n\n"));
        await using MlxProvider provider = Chat.Attach(server);
        (_, ProviderException? failure) = await Chat.StreamAsync(provider);
        failure!.OutputCommitted.Should().BeTrue();
        failure.Kind.Should().Be(FailureKind.Transient);
    }

    [Fact]
    public async Task Stream_StallsInTheMiddle_TimesOutAndProbes()
    {
        await using RawServer server = new(async x =>
        {
            if (!x.IsProbe)
            {
                await x.WriteAsync(Sse.Head + Sse.Text("Os"));
            }

            await x.HangAsync();
        });
        ListLogger logger = new();
        await using MlxProvider provider = Chat.Attach(server, o => { o.IdleTimeout = TimeSpan.FromMilliseconds(300); o.ProbeTimeout = TimeSpan.FromMilliseconds(300); }, logger);
        (List<ChatResponseUpdate> updates, ProviderException? failure) = await Chat.StreamAsync(provider);
        failure!.Kind.Should().Be(FailureKind.TimedOut);
        failure.OutputCommitted.Should().BeTrue();
        updates.Should().NotBeEmpty();
        await logger.WaitForAsync(513);
        logger.Entries.Single(e => e.Id == 513).Text.Should().Contain("no token came in time");
    }

    [Fact]
    public async Task Request_NoByteEver_TimesOut()
    {
        await using RawServer server = new(x => x.HangAsync());
        await using MlxProvider provider = Chat.Attach(server, o => { o.FirstByteTimeout = TimeSpan.FromMilliseconds(200); o.ProbeTimeout = TimeSpan.FromMilliseconds(200); });
        ProviderException e = await Chat.FailsAsync(provider);
        e.Kind.Should().Be(FailureKind.TimedOut);
        e.OutputCommitted.Should().BeFalse();
    }

    [Fact]
    public async Task Stream_CallerCancelsInAStall_IsOperationCanceledAtOnce()
    {
        await using RawServer server = new(async x =>
        {
            await x.WriteAsync(Sse.Head + Sse.Text("Os"));
            await x.HangAsync();
        });
        await using MlxProvider provider = Chat.Attach(server);
        using CancellationTokenSource caller = new();
        Func<Task> read = async () =>
        {
            await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync(Chat.Question, null, caller.Token))
            {
                if (update.Text.Length > 0)
                {
                    await caller.CancelAsync();
                }
            }
        };
        await read.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Launch_GenerationThreadDies_FailsAndTheNextRequestIsServed()
    {
        using StubServer stub = new();
        await using MlxProvider provider = Chat.Launch(stub);
        (await Chat.AskAsync(provider)).Text.Should().Be("Oslo.");
        (await Chat.FailsAsync(provider, null, new ChatMessage(ChatRole.User, "die"))).Kind.Should().Be(FailureKind.ConnectionLost);
        await stub.Logger.WaitForAsync(503);
        (await Chat.AskAsync(provider)).ModelId.Should().Be("stub/model");
        stub.ProcessIds.Should().HaveCount(2);
        stub.Lines("models").Should().OnlyContain(m => m == "default_model");
    }

    [Fact]
    public async Task Launch_CrashInMidStream_FailsWithWhatCameAndStartsAgain()
    {
        using StubServer stub = new();
        await using MlxProvider provider = Chat.Launch(stub);
        (_, ProviderException? failure) = await Chat.StreamAsync(provider, prompt: "crash");
        failure!.Kind.Should().Be(FailureKind.ConnectionLost);
        failure.OutputCommitted.Should().BeTrue();
        failure.PartialResponse!.Text.Should().Be("Os");
        await stub.Logger.WaitForAsync(503);
        (await Chat.AskAsync(provider)).Text.Should().Be("Oslo.");
    }

    [Fact]
    public async Task Launch_DeadlockInMidStream_TimesOutAndIsRecycled()
    {
        using StubServer stub = new();
        await using MlxProvider provider = Chat.Launch(stub, o => { o.IdleTimeout = TimeSpan.FromSeconds(3); o.ProbeTimeout = TimeSpan.FromSeconds(3); });
        (_, ProviderException? failure) = await Chat.StreamAsync(provider, prompt: "stall");
        failure!.Kind.Should().Be(FailureKind.TimedOut);
        await stub.Logger.WaitForAsync(507);
        (await Chat.AskAsync(provider)).Text.Should().Be("Oslo.");
        stub.ProcessIds.Should().HaveCount(2);
    }

    [Fact]
    public async Task Launch_DroppedRequest_IsBadRequestAndNothingIsRestarted()
    {
        using StubServer stub = new();
        await using MlxProvider provider = Chat.Launch(stub);
        (await Chat.FailsAsync(provider, null, new ChatMessage(ChatRole.User, "drop"))).Kind.Should().Be(FailureKind.BadRequest);
        stub.ProcessIds.Should().ContainSingle();
    }

    [Fact]
    public async Task Launch_StillLoading_IsModelLoadingAfterTheWait()
    {
        using StubServer stub = new("load-hangs");
        await using MlxProvider provider = Chat.Launch(stub, o => { o.StartupWait = TimeSpan.FromMilliseconds(200); o.MaxConcurrency = 1; });
        ProviderException e = await Chat.FailsAsync(provider);
        e.Kind.Should().Be(FailureKind.ModelLoading);
        e.Message.Should().Contain("0.2 s of StartupWait");
        (await Chat.FailsAsync(provider)).Kind.Should().Be(FailureKind.ModelLoading, "the first one gave its only place back");
        (await provider.CheckHealthAsync(Stop)).Health.Should().Be(ProviderHealth.Degraded);
    }

    [Fact]
    public async Task Launch_Faulted_FailsAtOnceWithTheReason()
    {
        using StubServer stub = new("model-missing");
        await using MlxProvider provider = Chat.Launch(stub);
        ProviderException e = await Chat.FailsAsync(provider);
        e.Kind.Should().Be(FailureKind.ModelMissing);
        e.InnerException.Should().BeOfType<MlxServerException>().Which.ExitCode.Should().Be(70);
        provider.Classify(e.InnerException!).Kind.Should().Be(FailureKind.ModelMissing);
        provider.ServerStatus!.State.Should().Be(MlxServerState.Faulted);
        ProviderHealthReport health = await provider.CheckHealthAsync(Stop);
        health.Health.Should().Be(ProviderHealth.Unhealthy);
        health.Detail.Should().Contain("RestartServerAsync");
    }

    [Fact]
    public async Task Launch_UnsupportedPlatform_FailsWithTheWayOut()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "macOS is the supported platform.");
        using StubServer stub = new("", o => o.AllowUnsupportedPlatform = false);
        await using MlxProvider provider = Chat.Launch(stub);
        (await Chat.FailsAsync(provider)).InnerException.Should().BeOfType<PlatformNotSupportedException>();
        await provider.Invoking(p => p.StartServerAsync(Stop)).Should().ThrowAsync<PlatformNotSupportedException>();
    }

    [Fact]
    public void Classify_AnyOther_SaysWhatItIs()
    {
        MlxClassifier.Classify(new InvalidOperationException("odd")).Kind.Should().Be(FailureKind.Unknown);
        MlxClassifier.Classify(new OperationCanceledException()).Kind.Should().Be(FailureKind.Cancelled);
        MlxClassifier.Classify(new AggregateException(new HttpRequestException("x"))).Kind.Should().Be(FailureKind.ConnectionLost);
        MlxClassifier.Classify(new TaskCanceledException("x", new TimeoutException("late"))).Kind.Should().Be(FailureKind.TimedOut);
    }
}
