using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.OpenAI;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Tests.Support;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.OpenAI;

/// <summary>Streams over a socket: each update at once, heartbeats, errors after the first content, and clients that leave.</summary>
public sealed class StreamTests
{
    private const string Request = """{"messages":[{"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true}}""";
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Updates_AreFlushedBeforeTheNextIsMade()
    {
        using ChannelClient client = new();
        await using GatewayHost host = await HostAsync(client);
        Task<HttpResponseMessage> posting = host.PostAsync("/v1/chat/completions", Request);
        client.Updates.Writer.TryWrite(Text("one"));
        using HttpResponseMessage response = await posting.WaitAsync(s_long);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        (await ContentAsync(reader)).Should().Be("one");
        for (int i = 0; i < 20; i++)
        {
            client.Updates.Writer.TryWrite(Text($"word {i}"));
            (await ContentAsync(reader)).Should().Be($"word {i}", "it came before anything else was written");
        }

        client.Updates.Writer.TryWrite(new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop, Contents = [new UsageContent(new UsageDetails { InputTokenCount = 3, OutputTokenCount = 21 })] });
        client.Updates.Writer.Complete();
        string rest = await reader.ReadToEndAsync();
        rest.Should().Contain("\"finish_reason\":\"stop\"").And.Contain("\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":21,\"total_tokens\":24}").And.EndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task Silence_IsFilledWithCommentsThatClientsPassOver()
    {
        FakeTimeProvider clock = new();
        using ChannelClient client = new();
        await using GatewayHost host = await HostAsync(client, clock);
        Task<HttpResponseMessage> posting = host.PostAsync("/v1/chat/completions", Request);
        await client.Asked.Task.WaitAsync(s_long);
        while (!posting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(15)); // the timer may not be there yet the first time
            await Task.Yield();
        }

        using HttpResponseMessage response = await posting;
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync().WaitAsync(s_long)).Should().Be(": keep-alive");
        client.Updates.Writer.TryWrite(Text("late"));
        (await ContentAsync(reader)).Should().Be("late");
        client.Updates.Writer.Complete(new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "gone")) { OutputCommitted = true });
        (await reader.ReadToEndAsync()).Should().Contain("event: error");
    }

    [Fact]
    public async Task Failure_BeforeContent_KeepsItsStatus()
    {
        using ChannelClient client = new();
        client.Updates.Writer.Complete(new ProviderException(new ProviderFailure(FailureKind.ContextLengthExceeded, "x") { PromptTokens = 9000, ContextWindow = 8192 }));
        await using GatewayHost host = await HostAsync(client);
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Request);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        string body = await response.Content.ReadAsStringAsync();
        body.Should().Be("""{"error":{"message":"The prompt has 9000 tokens; the model's context holds 8192.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""");
    }

    [Fact]
    public async Task Failure_AfterContent_EndsInAnErrorEventWithoutDone()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(["alpha"]);
        host.Provider.Chat.Enqueue(ChatScript.Empty.Role().Text("one", " two").Throw(new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "secret address 10.0.0.7"))));
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Request);
        string body = await response.Content.ReadAsStringAsync();
        body.Should().Contain("\"content\":\"one\"").And.Contain("\"content\":\" two\"");
        body.Should().Contain("event: error\ndata: {\"error\":{").And.Contain("\"code\":\"stream_interrupted\"").And.NotContain("[DONE]").And.NotContain("10.0.0.7");
    }

    [Fact]
    public async Task Client_ThatLeavesMidStream_StopsTheUpstreamAttempt()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(["alpha"]);
        host.Provider.Chat.Enqueue(ChatScript.Empty.Role().Text("one").Hang());
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Request);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        (await ContentAsync(reader)).Should().Be("one");
        LoggedRequest upstream = host.Provider.Chat.Requests.Should().ContainSingle().Subject;
        upstream.Ended.IsCompleted.Should().BeFalse();
        response.Dispose();
        await upstream.Ended.WaitAsync(s_long);
        host.Provider.Chat.Active.Should().Be(0);
    }

    [Fact]
    public async Task Deadline_OfTheClient_EndsTheWorkWithATimeout()
    {
        FakeTimeProvider clock = new();
        using ChannelClient client = new();
        await using GatewayHost host = await HostAsync(client, clock);
        Task<HttpResponseMessage> posting = host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hello"}]}""", static r => r.Headers.Add("X-Request-Deadline-Ms", "250"));
        await client.Asked.Task.WaitAsync(s_long);
        clock.Advance(TimeSpan.FromMilliseconds(250));
        using HttpResponseMessage response = await posting.WaitAsync(s_long);
        response.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
        using HttpResponseMessage wrong = await host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hello"}]}""", static r => r.Headers.Add("X-Request-Deadline-Ms", "soon"));
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task ToolCallsReasoningAndRefusals_KeepTheirPlaces()
    {
        using ChannelClient client = new();
        await using GatewayHost host = await HostAsync(client);
        client.Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("hm")]));
        client.Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c1", "a", new Dictionary<string, object?> { ["x"] = 1 }), new FunctionCallContent("c2", "b", null)]));
        client.Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c3", "c", null)]));
        client.Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [new ErrorContent("no") { ErrorCode = "Refusal" }]) { FinishReason = ChatFinishReason.ToolCalls });
        client.Updates.Writer.Complete();
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Request);
        JsonElement[] chunks = [.. (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(static e => e.StartsWith("data: {", StringComparison.Ordinal)).Select(static e => JsonDocument.Parse(e[6..]).RootElement)];
        chunks.Should().HaveCountGreaterThan(4);
        JsonElement Delta(int i) => chunks[i].GetProperty("choices")[0].GetProperty("delta");
        Delta(0).GetProperty("reasoning_content").GetString().Should().Be("hm");
        Delta(0).GetProperty("role").GetString().Should().Be("assistant");
        Delta(1).GetProperty("tool_calls").EnumerateArray().Select(static c => (c.GetProperty("index").GetInt32(), c.GetProperty("id").GetString(), c.GetProperty("function").GetProperty("arguments").GetString())).Should().Equal((0, "c1", "{\"x\":1}"), (1, "c2", "{}"));
        Delta(2).GetProperty("tool_calls")[0].GetProperty("index").GetInt32().Should().Be(2);
        Delta(3).GetProperty("refusal").GetString().Should().Be("no");
        chunks[4].GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("tool_calls");
    }

    /// <summary>Models do write arguments that are no JSON: the client must get an error it can read, not half a chunk.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ToolCall_WithArgumentsThatAreNoJson_IsAnErrorThatCanBeRead(bool afterText)
    {
        using ChannelClient client = new();
        await using GatewayHost host = await HostAsync(client);
        Task<HttpResponseMessage> posting = host.PostAsync("/v1/chat/completions", Request);
        HttpResponseMessage? response = null;
        if (afterText)
        {
            client.Updates.Writer.TryWrite(Text("one"));
            response = await posting.WaitAsync(s_long);
        }

        client.Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c1", "a", null) { Exception = new JsonException("cut") }]) { FinishReason = ChatFinishReason.ToolCalls });
        client.Updates.Writer.Complete();
        using HttpResponseMessage answer = response ?? await posting.WaitAsync(s_long);
        string body = await answer.Content.ReadAsStringAsync();
        if (!afterText)
        {
            answer.StatusCode.Should().Be(HttpStatusCode.BadGateway, "nothing had been sent");
            body.Should().StartWith("{\"error\":{").And.Contain("\"code\":\"provider_failed\"");
            return;
        }

        string[] events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        events.Should().HaveCount(2);
        events[0].Should().Contain("\"content\":\"one\"");
        events[1].Should().StartWith("event: error\ndata: {\"error\":{").And.Contain("arguments that are not JSON").And.EndWith("}}");
    }

    [Fact]
    public async Task ToolCalls_OfAClientThatGivesNoReason_FinishAsSuch()
    {
        using ChannelClient client = new();
        await using GatewayHost host = await HostAsync(client);
        client.Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c1", "a")]));
        client.Updates.Writer.Complete();
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Request);
        (await response.Content.ReadAsStringAsync()).Should().Contain("\"finish_reason\":\"tool_calls\"").And.NotContain("\"finish_reason\":\"stop\"");
    }

    /// <summary>Some servers throw when the client is gone. An iterator cannot be disposed while it moves, so it is waited for: its work has ended when the request has.</summary>
    [Fact]
    public async Task Flush_FailsWhileTheNextUpdateIsBeingMade_EndsTheSourceFirst()
    {
        await using GatewayHost host = await GatewayHost.StartAsync([]);
        using CancellationTokenSource left = new();
        TaskCompletionSource slow = new(TaskCreationOptions.RunContinuationsAsynchronously), told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool ended = false;
        DefaultHttpContext http = new() { RequestAborted = left.Token };
        using GoneStream gone = new(left);
        http.Response.Body = gone;
        Exchange exchange = new(http, new Operation("o", "POST", "/", GatewayScopes.Chat, static _ => Task.CompletedTask) { Docs = new OperationDocs("", "") }, host.Services.GetRequiredService<GatewayServices>());
        Task<UsageDetails?> sending = StreamedAnswer.SendAsync(exchange, Updates(left.Token), null, includeUsage: false, left.Token);
        await told.Task.WaitAsync(s_long);
        slow.SetResult();
        await FluentActions.Awaiting(() => sending.WaitAsync(s_long)).Should().ThrowAsync<IOException>();
        ended.Should().BeTrue();

        async IAsyncEnumerable<ChatResponseUpdate> Updates([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                yield return Text("one");
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                told.SetResult();
                await slow.Task;
            }
            finally
            {
                ended = true;
            }
        }
    }

    private static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text);

    private static async Task<string?> ContentAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync().WaitAsync(s_long) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using JsonDocument chunk = JsonDocument.Parse(line[6..]);
                return chunk.RootElement.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString();
            }
        }

        return null;
    }

    private static Task<GatewayHost> HostAsync(IChatClient client, TimeProvider? clock = null) =>
        GatewayHost.StartAsync([], build: b => b.Services.AddSingleton(client), clock: clock);

    /// <summary>What is written to a client that has left.</summary>
    private sealed class GoneStream(CancellationTokenSource left) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await left.CancelAsync();
            throw new IOException("The client is gone.");
        }
    }

    /// <summary>A client whose updates the test makes one by one.</summary>
    private sealed class ChannelClient : IChatClient
    {
        public Channel<ChatResponseUpdate> Updates { get; } = Channel.CreateUnbounded<ChatResponseUpdate>();

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Asked.TrySetResult();
            await foreach (ChatResponseUpdate update in Updates.Reader.ReadAllAsync(cancellationToken))
            {
                yield return update;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
