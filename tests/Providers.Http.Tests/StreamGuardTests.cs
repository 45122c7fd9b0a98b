using Microsoft.Extensions.AI;

namespace Providers.Http.Tests;

public sealed class StreamGuardTests
{
    private static readonly ChatResponseUpdate s_role = new() { Role = ChatRole.Assistant };
    private static readonly ChatResponseUpdate s_call = new(ChatRole.Assistant, [new FunctionCallContent("1", "f")]);
    private static readonly ChatResponseUpdate s_stop = new() { FinishReason = ChatFinishReason.Stop };

    [Fact]
    public async Task Stream_Complete_KeepsEveryUpdateInOrder()
    {
        ChatResponseUpdate[] all = [s_role, Text("a"), s_call, Text("b"), s_stop];
        (await RunAsync(all)).Given.Should().Equal(all);
    }

    [Fact]
    public async Task Stream_WithoutFinishReason_FailsWithWhatWasGiven()
    {
        (List<ChatResponseUpdate> given, Exception? failure) = await RunAsync(s_role, Text("a"), s_call);
        given.Should().HaveCount(2);
        ProviderException seen = failure.Should().BeOfType<ProviderException>().Which;
        seen.Kind.Should().Be(FailureKind.ConnectionLost);
        seen.OutputCommitted.Should().BeTrue();
        seen.PartialResponse!.Text.Should().Be("a");
    }

    [Fact]
    public async Task Stream_DeadBeforeContent_GivesNothing()
    {
        (List<ChatResponseUpdate> given, Exception? failure) = await RunAsync(s_role);
        given.Should().BeEmpty();
        failure.Should().BeOfType<ProviderException>().Which.OutputCommitted.Should().BeFalse();
    }

    [Fact]
    public async Task Stream_CancelledAndEndedNormally_IsCancelled()
    {
        using CancellationTokenSource cancel = new();
        await cancel.CancelAsync();
        Func<Task> act = async () => await Client([Text("a")]).GetStreamingResponseAsync("x", cancellationToken: cancel.Token).ToListAsync(CancellationToken.None);
        await act.Should().ThrowAsync<OperationCanceledException>();
    }

    private static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text);

    private static IChatClient Client(ChatResponseUpdate[] updates) => new Fake(updates).AsBuilder().UseStreamGuard().Build();

    private static async Task<(List<ChatResponseUpdate> Given, Exception? Failure)> RunAsync(params ChatResponseUpdate[] updates)
    {
        List<ChatResponseUpdate> given = [];
        try
        {
            await foreach (ChatResponseUpdate update in Client(updates).GetStreamingResponseAsync("x"))
            {
                given.Add(update);
            }
        }
        catch (ProviderException e)
        {
            return (given, e);
        }

        return (given, null);
    }

    private sealed class Fake(ChatResponseUpdate[] updates) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(updates.ToChatResponse());

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            updates.ToAsyncEnumerable();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
