using Microsoft.Extensions.AI;
using Providers.Mcp.Tests.Support;
using Providers.Testing;

namespace Providers.Mcp.Tests.Chat;

/// <summary>The tools of MCP servers in a chat pipeline.</summary>
public sealed class UseMcpToolsTests
{
    [Fact]
    public async Task Model_CallsAToolOfTheServer_AndReadsItsAnswer()
    {
        await using PipeSession session = await PipeSession.StartAsync();
        using ScriptedChatClient model = new();
        model.Enqueue(ChatScript.Empty.ToolCall("memory_store", new Dictionary<string, object?> { ["text"] = "the user likes fjords" }).Finish(ChatFinishReason.ToolCalls), ChatScript.Empty.Text("Noted.").Finish());
        using IChatClient chat = new ChatClientBuilder(model).UseMcpTools([session.Client]).UseFunctionInvocation().Build();
        ChatOptions options = new();
        (await chat.GetResponseAsync([new(ChatRole.User, "I like fjords")], options)).Text.Should().Be("Noted.");
        options.Tools.Should().BeNull("a caller's options are never changed");
        (await session.Host.Store.GetStatsAsync(new Memory.MemoryScope("acme"))).Count.Should().Be(1);
    }

    [Fact]
    public async Task Stream_HasTheToolsToo_AndTheFilterDecides()
    {
        await using PipeSession session = await PipeSession.StartAsync();
        Seen seen = new();
        using IChatClient chat = new ChatClientBuilder(seen).UseMcpTools([session.Client], static t => t.Name.StartsWith("memory_", StringComparison.Ordinal) && t.ProtocolTool.Annotations!.ReadOnlyHint is true).Build();
        await foreach (ChatResponseUpdate _ in chat.GetStreamingResponseAsync([new(ChatRole.User, "x")]))
        {
        }

        seen.Tools.Should().Equal("memory_search", "memory_get", "memory_list", "memory_stats", "memory_related");
    }

    [Fact]
    public async Task Names_OfTwoServers_AreKeptApart_AndTheRequestsOwnComeFirst()
    {
        await using PipeSession first = await PipeSession.StartAsync();
        await using PipeSession second = await PipeSession.StartAsync();
        Seen seen = new();
        using IChatClient chat = new ChatClientBuilder(seen).UseMcpTools([first.Client, second.Client], static t => t.Name is "memory_get" or "memory_list").Build();
        await chat.GetResponseAsync([new(ChatRole.User, "x")], new ChatOptions { Tools = [AIFunctionFactory.Create(static () => 1, "memory_get")] });
        seen.Tools.Should().Equal("memory_get", "memory_list", "tests_memory_get", "tests_memory_list");
    }

    [Fact]
    public async Task List_ThatRanOutOfTime_IsAskedForAgainByTheNextRequest()
    {
        await using HttpHost host = await HttpHost.StartAsync();
        using TooLateOnce network = new() { InnerHandler = new SocketsHttpHandler() };
        await using McpClient client = await host.ConnectAsync(network);
        Seen seen = new();
        using IChatClient chat = new ChatClientBuilder(seen).UseMcpTools([client]).Build();
        await FluentActions.Awaiting(() => chat.GetResponseAsync([new(ChatRole.User, "x")])).Should().ThrowAsync<Exception>();
        network.WasLate.Should().BeTrue();
        await chat.GetResponseAsync([new(ChatRole.User, "x")]);
        seen.Tools.Should().Contain("memory_get");
    }

    /// <summary>The first list of tools takes longer than an HttpClient waits, which it says by a cancellation nobody asked for.</summary>
    private sealed class TooLateOnce : DelegatingHandler
    {
        public bool WasLate { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!WasLate && request.Content is { } content && (await content.ReadAsStringAsync(cancellationToken)).Contains("tools/list", StringComparison.Ordinal))
            {
                WasLate = true;
                throw new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout.", new TimeoutException());
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Seen : IChatClient
    {
        public string[] Tools { get; private set; } = [];

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Tools = [.. (options?.Tools ?? []).Select(static t => t.Name)];
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")));
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (ChatResponseUpdate update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
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
