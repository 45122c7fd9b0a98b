using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Providers.Testing.Tests.Doubles;

public sealed class ScriptedChatClientTests
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "Say it all.")];

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Stream_ByDefault_IsTheCanonicalAnswer()
    {
        ScriptedChatClient client = new();
        ChatResponse response = await client.GetStreamingResponseAsync(Question).ToChatResponseAsync();
        (response.Text, response.FinishReason, response.Usage!.OutputTokenCount, response.ModelId).Should().Be((CanonicalAnswer.Text, ChatFinishReason.Stop, 60, "scripted-model"));
        (await client.GetResponseAsync(Question, new ChatOptions { ModelId = "m" })).Text.Should().Be(CanonicalAnswer.Text);
        client.Requests.Select(static r => (r.Path, r.Model, r.Completed)).Should().Equal(("chat-stream", "scripted-model", true), ("chat", "m", true));
        client.Requests[0].Body.Should().Be("user: Say it all.");
        (client.Active, client.UndisposedEnumerators, client.OverlappingUses).Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task Stream_AfterAPartialAnswer_GoesOn()
    {
        ScriptedChatClient client = new();
        ChatMessage[] messages = [.. Question, new(ChatRole.Assistant, CanonicalAnswer.Prefix(40)), new(ChatRole.User, "Go on.")];
        (CanonicalAnswer.Prefix(40) + (await client.GetStreamingResponseAsync(messages).ToChatResponseAsync()).Text).Should().Be(CanonicalAnswer.Text);
    }

    [Fact]
    public async Task Script_EachKindOfStep_HappensInItsPlace()
    {
        ScriptedChatClient client = new(clock: _clock);
        client.Enqueue(ChatScript.Empty.Role().Wait(TimeSpan.FromSeconds(5)).Text("a").ToolCall("f", new Dictionary<string, object?> { ["x"] = 1 }).Finish(ChatFinishReason.ToolCalls).Usage(1, 2));
        await using IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator();
        (await stream.MoveNextAsync()).Should().BeTrue();
        (stream.Current.Role, stream.Current.Contents.Count).Should().Be((ChatRole.Assistant, 0));
        ValueTask<bool> waiting = stream.MoveNextAsync();
        waiting.IsCompleted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromSeconds(5));
        (await waiting).Should().BeTrue();
        stream.Current.Text.Should().Be("a");
        await stream.MoveNextAsync();
        stream.Current.Contents.Single().Should().BeOfType<FunctionCallContent>().Which.Name.Should().Be("f");
        await stream.MoveNextAsync();
        stream.Current.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        await stream.MoveNextAsync();
        stream.Current.Contents.Single().Should().BeOfType<UsageContent>();
        (await stream.MoveNextAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task Script_ThrowingAnywhere_ThrowsThere()
    {
        InvalidOperationException boom = new("boom");
        ScriptedChatClient client = new();
        client.Enqueue(ChatScript.Canonical.ThrowOnCall(boom), ChatScript.Canonical.ThrowOnEnumerate(boom), ChatScript.Canonical.ThrowOnCurrent(1, boom), ChatScript.Canonical.ThrowOnDispose(boom), ChatScript.Empty.Text("a").Throw(boom), ChatScript.Empty.Throw(boom));
        Assert.Throws<InvalidOperationException>(() => client.GetStreamingResponseAsync(Question));
        IAsyncEnumerable<ChatResponseUpdate> second = client.GetStreamingResponseAsync(Question);
        Assert.Throws<InvalidOperationException>(() => second.GetAsyncEnumerator());
        await using (IAsyncEnumerator<ChatResponseUpdate> third = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator())
        {
            await third.MoveNextAsync();
            third.Current.Role.Should().Be(ChatRole.Assistant);
            await third.MoveNextAsync();
            Assert.Throws<InvalidOperationException>(() => third.Current);
        }

        IAsyncEnumerator<ChatResponseUpdate> fourth = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await fourth.DisposeAsync());
        IAsyncEnumerator<ChatResponseUpdate> fifth = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator();
        await fifth.MoveNextAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await fifth.MoveNextAsync());
        (await fifth.MoveNextAsync()).Should().BeFalse("an iterator that threw has ended");
        await fifth.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetResponseAsync(Question));
        client.Active.Should().Be(0);
    }

    [Fact]
    public async Task Hang_ByItsKind_ObeysTheTokenOrNot()
    {
        ScriptedChatClient client = new(clock: _clock);
        client.Enqueue(ChatScript.Empty.Hang(), ChatScript.Empty.Hang(cooperative: false));
        using CancellationTokenSource source = new();
        Task<ChatResponse> cooperative = client.GetResponseAsync(Question, null, source.Token);
        IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync(Question, null, source.Token).GetAsyncEnumerator(source.Token);
        ValueTask<bool> stubborn = stream.MoveNextAsync();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cooperative);
        stubborn.IsCompleted.Should().BeFalse();
        client.Requests[0].ClientLeft.Should().BeTrue();
        client.UndisposedEnumerators.Should().Be(1);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await stream.DisposeAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.MoveNextAsync());
        client.OverlappingUses.Should().Be(2);
    }

    [Fact]
    public async Task Dispose_BeforeTheEnd_IsLeaving()
    {
        ScriptedChatClient client = new();
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Question))
        {
            break;
        }

        LoggedRequest request = client.Requests.Single();
        await request.Ended;
        (request.ClientLeft, request.Completed, client.UndisposedEnumerators, request.EndTime is not null).Should().Be((true, false, 0, true));
        request.ToString().Should().Contain("client left");
    }

    [Theory]
    [InlineData(429, "rate_limit_exceeded", FailureKind.RateLimited)]
    [InlineData(429, "insufficient_quota", FailureKind.QuotaExhausted)]
    [InlineData(402, null, FailureKind.QuotaExhausted)]
    [InlineData(401, null, FailureKind.AuthFailed)]
    [InlineData(404, null, FailureKind.ModelMissing)]
    [InlineData(400, "context_length_exceeded", FailureKind.ContextLengthExceeded)]
    [InlineData(400, "content_filter", FailureKind.ContentFiltered)]
    [InlineData(400, null, FailureKind.BadRequest)]
    [InlineData(500, null, FailureKind.Transient)]
    [InlineData(503, null, FailureKind.Overloaded)]
    [InlineData(503, "loading", FailureKind.ModelLoading)]
    public async Task Status_InProcess_IsWhatAnAdapterWouldThrow(int status, string? reason, FailureKind kind)
    {
        ScriptedProvider provider = new("p");
        provider.Chat.Faults.Enqueue(Fault.Status(status, "3", reason));
        ProviderException error = await Assert.ThrowsAsync<ProviderException>(() => provider.ChatClient.GetResponseAsync(Question));
        (error.Kind, error.Failure.Status, error.Failure.RetryAfter, error.Provider).Should().Be((kind, status, TimeSpan.FromSeconds(3), "p"));
        provider.Classify(new AggregateException(error)).Should().BeSameAs(error.Failure);
        provider.Classify(new IOException("x")).Kind.Should().Be(FailureKind.Unknown);
    }

    [Fact]
    public async Task Faults_InProcess_EndTheStreamAsTheirNameSays()
    {
        foreach ((Fault fault, int tokens, FailureKind? kind) in new (Fault, int, FailureKind?)[]
        {
            (Fault.Reset, 0, FailureKind.ConnectionLost), (Fault.Drop, 0, FailureKind.ConnectionLost), (Fault.CutAfter(40), 40, FailureKind.ConnectionLost),
            (Fault.MalformedAfter(10), 10, FailureKind.InvalidResponse), (Fault.ErrorAfter(60), 60, FailureKind.Transient), (Fault.EndAfter(5), 5, null),
            (Fault.Html, 0, FailureKind.InvalidResponse), (Fault.UsageWithChoices, 60, null), (Fault.BrokenUtf8, 0, FailureKind.InvalidResponse), (Fault.CutToolCall, 0, null),
        })
        {
            ScriptedChatClient client = new();
            client.Faults.Always(fault);
            List<ChatResponseUpdate> updates = [];
            Exception? error = await Record.ExceptionAsync(async () =>
            {
                await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(Question))
                {
                    updates.Add(update);
                }
            });
            string.Concat(updates.Select(static u => u.Text)).Should().Be(CanonicalAnswer.Prefix(tokens), fault.ToString());
            (error as ProviderException)?.Kind.Should().Be(kind!.Value);
            (error is null).Should().Be(kind is null, fault.ToString());
        }
    }

    [Fact]
    public async Task Refuse_InProcess_LastsItsTime()
    {
        ScriptedChatClient client = new(clock: _clock);
        client.Faults.Enqueue(Fault.Refuse(TimeSpan.FromSeconds(10)));
        for (int i = 0; i < 2; i++)
        {
            (await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync(Question))).Kind.Should().Be(FailureKind.ConnectionLost);
            _clock.Advance(TimeSpan.FromSeconds(9));
        }

        (await client.GetResponseAsync(Question)).Text.Should().Be(CanonicalAnswer.Text);
    }

    [Fact]
    public async Task Provider_Health_IsWhatTheTestSays()
    {
        ScriptedProvider provider = new("p", embeddings: new HashingEmbeddingGenerator(8)) { Health = new ProviderHealthReport(ProviderHealth.Degraded, "slow") };
        (await provider.CheckHealthAsync()).Detail.Should().Be("slow");
        (provider.HealthChecks, provider.Descriptor.Name, (await provider.DiscoverModelsAsync()).Count).Should().Be((1, "p", 0));
        provider.EmbeddingGenerator.Should().BeSameAs(provider.Embeddings);
        provider.Chat.GetService(typeof(ChatClientMetadata)).Should().BeOfType<ChatClientMetadata>().Which.ProviderName.Should().Be("p");
        provider.Chat.GetService(typeof(string)).Should().BeNull();
        provider.Chat.Dispose();
    }
}
