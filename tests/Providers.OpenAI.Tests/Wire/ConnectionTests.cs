using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Wire;

/// <summary>Connections that are not made, and answers that do not come.</summary>
public sealed class ConnectionTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_WhereNothingListens_IsAConnectionThatWasRefused(bool streaming)
    {
        using Socket closed = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // nobody listens, and nobody else can take the port
        int port = ((IPEndPoint)closed.LocalEndPoint!).Port;
        await using OpenAIProvider provider = Chats.Provider(new Uri($"http://127.0.0.1:{port}/v1"));
        (Exception? seen, _) = await provider.CallAsync(streaming, Token);
        seen.Should().BeOfType<ProviderException>().Which.Failure.Should().Match<ProviderFailure>(f => f.Kind == FailureKind.ConnectionLost && f.Message.Contains("refused"));
        (await provider.CheckHealthAsync(Token)).Health.Should().Be(ProviderHealth.Unhealthy);
    }

    [Fact]
    public async Task Call_OfANameThatDoesNotResolve_SaysSo()
    {
        await using OpenAIProvider provider = Chats.Provider(new Uri("http://no-such-host.invalid/v1"));
        (Exception? seen, _) = await provider.CallAsync(streaming: false, Token);
        seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.ConnectionLost);
        seen!.Message.Should().Contain("Endpoint");
    }

    [Fact]
    public async Task Call_WithHttpsOnAnHttpPort_IsAConnectionThatCannotBeSecured()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await using OpenAIProvider provider = Chats.Provider(new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1"));
        Task<(Exception? Seen, string)> call = provider.CallAsync(streaming: false, Token);
        using (TcpClient client = await listener.AcceptTcpClientAsync(Token))
        {
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Token);
            client.Client.Shutdown(SocketShutdown.Send);
            (Exception? seen, _) = await call;
            seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.ConnectionLost);
            seen!.Message.Should().Contain("TLS");
        }
    }

    [Fact]
    public async Task Call_WhoseHandshakeIsNeverAnswered_EndsAtTheConnectTimeout()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await using OpenAIProvider provider = Chats.Provider(new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1"), o => o.ConnectTimeout = TimeSpan.FromMilliseconds(50));
        (Exception? seen, _) = await provider.CallAsync(streaming: false, Token);
        seen.Should().BeOfType<ProviderException>().Which.Kind.Should().BeOneOf(FailureKind.TimedOut, FailureKind.ConnectionLost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_ThatGetsNoHeaders_EndsAtTheFirstByteTimeout(bool streaming)
    {
        await using RawServer server = new(Reply.Silent);
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.FirstByteTimeout = TimeSpan.FromSeconds(30), _clock);
        (Exception? seen, string text) = await _clock.AdvanceUntilAsync(provider.CallAsync(streaming, Token), TimeSpan.FromSeconds(1));
        seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.TimedOut);
        text.Should().BeEmpty();
    }

    [Fact]
    public async Task Answer_ThatIsLongInTheMaking_IsNotHeldToTheFirstByteOfAStream()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(_ =>
        {
            asked.TrySetResult();
            return Reply.Silent;
        });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => (o.FirstByteTimeout, o.WholeAnswerTimeout) = (TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(20)), _clock);
        Task<(Exception? Seen, string Text)> call = provider.CallAsync(streaming: false, Token);
        await asked.Task.WaitAsync(Token);
        _clock.Advance(TimeSpan.FromMinutes(19));
        call.IsCompleted.Should().BeFalse();
        (await _clock.AdvanceUntilAsync(call, TimeSpan.FromMinutes(1))).Seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.TimedOut);
    }

    [Fact]
    public async Task Stream_ThatFallsSilent_EndsAtTheIdleTimeoutWithWhatHadCome()
    {
        await using RawServer server = new(Chats.Stream with { Pieces = [System.Text.Encoding.UTF8.GetBytes(Chats.Delta("Os") + "\n\n")], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, null, _clock);
        await using IAsyncEnumerator<ChatResponseUpdate> updates = provider.ChatClient!.GetStreamingResponseAsync("?", null, Token).GetAsyncEnumerator(Token);
        while (await updates.MoveNextAsync() && updates.Current.Text != "Os")
        {
        }

        Task<bool> next = updates.MoveNextAsync().AsTask();
        Func<Task<bool>> act = () => _clock.AdvanceUntilAsync(next, TimeSpan.FromSeconds(1));
        (await act.Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.TimedOut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_CancelledBeforeItIsSent_SendsNothing(bool streaming)
    {
        await using RawServer server = new(Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (Exception? seen, _) = await provider.CallAsync(streaming, new CancellationToken(canceled: true));
        seen.Should().BeAssignableTo<OperationCanceledException>();
        server.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_CancelledBeforeHeaders_EndsAsTheCallersCancellation(bool streaming)
    {
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using RawServer server = new(_ => { cancel.CancelAfter(TimeSpan.Zero); return Reply.Silent; });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (Exception? seen, _) = await provider.CallAsync(streaming, cancel.Token);
        seen.Should().BeAssignableTo<OperationCanceledException>().Which.CancellationToken.Should().Be(cancel.Token);
        await server.ClientLeft.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task Stream_CancelledInTheMiddle_EndsAsTheCallersCancellationAndLeaves()
    {
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using RawServer server = new(Chats.Stream with { Pieces = [System.Text.Encoding.UTF8.GetBytes(Chats.Delta("Os") + "\n\n")], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        Func<Task> act = async () =>
        {
            await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync("?", null, cancel.Token))
            {
                if (update.Text == "Os")
                {
                    await cancel.CancelAsync();
                }
            }
        };
        await act.Should().ThrowAsync<OperationCanceledException>();
        await server.ClientLeft.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task Stream_LeftByItsReader_ClosesTheConnection()
    {
        await using RawServer server = new(Chats.Stream with { Pieces = [System.Text.Encoding.UTF8.GetBytes(Chats.Delta("Os") + "\n\n")], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync("?", null, Token))
        {
            if (update.Text == "Os")
            {
                break;
            }
        }

        await server.ClientLeft.Task.WaitAsync(Token);
    }
}
