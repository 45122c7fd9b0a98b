using System.Net;
using System.Net.Sockets;

namespace Providers.Http.Tests;

public sealed class CallTests
{
    [Fact]
    public async Task Connect_Refused_IsConnectionLost()
    {
        using Socket closed = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // nobody listens, and nobody else can take the port
        int port = ((IPEndPoint)closed.LocalEndPoint!).Port;
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { Provider = "p" });
        Func<Task> act = () => client.GetAsync(new Uri($"http://127.0.0.1:{port}/"));
        ProviderException seen = (await act.Should().ThrowAsync<ProviderException>()).Which;
        seen.Kind.Should().Be(FailureKind.ConnectionLost);
        seen.Provider.Should().Be("p");
    }

    [Fact]
    public async Task Get_EmptyListOnAPrivateAddress_IsAccepted()
    {
        await using RawServer server = new("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nx-ratelimit-remaining-requests: 7\r\n\r\n");
        GuardOptions options = new() { PrivateNetworkOnly = true };
        using GuardHandler guard = new(options) { InnerHandler = GuardedHttp.CreateSockets(options, null) };
        using HttpClient client = new(guard);
        (await client.GetStringAsync(server.Address)).Should().BeEmpty();
        guard.RateLimits!.RemainingRequests.Should().Be(7);
    }

    [Fact]
    public async Task Classify_OwnTable_DecidesAndKeepsStatus()
    {
        await using RawServer server = new("HTTP/1.0 418 Teapot\r\nx-request-id: r1\r\n\r\n{\"error\":\"sk-secret123\"}");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { Classify = static e => new ProviderFailure(FailureKind.ModelMissing, e.Message!) });
        Func<Task> act = () => client.GetAsync(server.Address);
        ProviderFailure failure = (await act.Should().ThrowAsync<ProviderException>()).Which.Failure;
        (failure.Kind, failure.Status, failure.RequestId, failure.Message).Should().Be((FailureKind.ModelMissing, 418, "r1", "[key]"));
    }

    [Fact]
    public async Task StreamScope_CancelledAndEndedNormally_IsCancelled()
    {
        using CancellationTokenSource cancel = new();
        List<int> seen = [];
        Func<Task> act = async () =>
        {
            await foreach (int item in CallScope.StreamAsync(new[] { 1, 2 }.ToAsyncEnumerable(), cancellationToken: cancel.Token))
            {
                seen.Add(item);
                await cancel.CancelAsync();
            }
        };
        await act.Should().ThrowAsync<OperationCanceledException>();
        seen.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Keys_AllRefused_TheServersAnswerIsSeen()
    {
        await using RawServer server = new("HTTP/1.0 429 Slow\r\nRetry-After: 300\r\n\r\n");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { Keys = new ApiKeyPool(static _ => new(["a", "b"]), "api-key") });
        Func<Task> act = () => client.PostAsync(server.Address, new StringContent("{}"));
        (await act.Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.RateLimited);
        await act.Should().ThrowAsync<ProviderException>();
        server.Requests.Should().HaveCount(3).And.OnlyContain(r => r.Contains("api-key: ", StringComparison.Ordinal));
    }
}
