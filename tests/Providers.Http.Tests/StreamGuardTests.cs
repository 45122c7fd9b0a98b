using System.Runtime.CompilerServices;
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

    [Fact]
    public async Task Stream_ThatThrowsBeforeContent_KeepsAKnownFailureAsItIs()
    {
        ProviderException known = new(new ProviderFailure(FailureKind.RateLimited, "slow"), "p", "m");
        (await RunAsync(known, s_role)).Failure.Should().BeSameAs(known);
        (await RunAsync(new HttpRequestException("gone"), s_role)).Failure.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.ConnectionLost);
    }

    [Fact]
    public async Task Stream_ThatThrowsAfterContent_SaysWhatWasGivenAndBy()
    {
        ProviderException known = new(new ProviderFailure(FailureKind.Transient, "broke"), "p", "m", new IOException("inner"));
        ProviderException seen = (await RunAsync(known, s_role, Text("a"))).Failure.Should().BeOfType<ProviderException>().Which;
        (seen.Provider, seen.Model, seen.OutputCommitted, seen.PartialResponse!.Text).Should().Be(("p", "m", true, "a"));
        seen.InnerException.Should().BeOfType<IOException>();
    }

    [Fact]
    public async Task Stream_ThatThrowsAfterItsFinish_IsComplete()
    {
        (List<ChatResponseUpdate> given, Exception? failure) = await RunAsync(new IOException("late"), Text("a"), s_stop);
        failure.Should().BeNull();
        given.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_ThatThrowsBecauseItWasCancelled_IsCancelledWithTheCallersToken(bool own)
    {
        using CancellationTokenSource cancel = new();
        await cancel.CancelAsync();
        IChatClient client = new Fake([]) { Then = own ? new OperationCanceledException(cancel.Token) : new IOException("aborted") }.AsBuilder().UseStreamGuard().Build();
        Func<Task> act = async () => await client.GetStreamingResponseAsync("x", cancellationToken: cancel.Token).ToListAsync(CancellationToken.None);
        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancel.Token);
    }

    private static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text);

    private static IChatClient Client(ChatResponseUpdate[] updates, Exception? then = null) => new Fake(updates) { Then = then }.AsBuilder().UseStreamGuard().Build();

    private static Task<(List<ChatResponseUpdate> Given, Exception? Failure)> RunAsync(params ChatResponseUpdate[] updates) => RunAsync(null, updates);

    private static async Task<(List<ChatResponseUpdate> Given, Exception? Failure)> RunAsync(Exception? then, params ChatResponseUpdate[] updates)
    {
        List<ChatResponseUpdate> given = [];
        try
        {
            await foreach (ChatResponseUpdate update in Client(updates, then).GetStreamingResponseAsync("x"))
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

        public Exception? Then { get; init; }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            foreach (ChatResponseUpdate update in updates)
            {
                yield return update;
            }

            if (Then is not null)
            {
                throw Then;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
