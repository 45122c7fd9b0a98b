using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Proxies;

public sealed class FaultyProxyTests
{
    [Fact]
    public async Task Proxy_WithoutFaults_PassesEveryByte()
    {
        await using Chat chat = await Chat.StartAsync("mlx");
        await using FaultyProxy proxy = await FaultyProxy.StartAsync(chat.Server.Endpoint);
        string request = Raw.Post(chat.Path, Chat.Body());
        Raw direct = await Raw.SendAsync(chat.Server.Endpoint, request);
        Raw proxied = await Raw.SendAsync(proxy.Endpoint, request);
        proxied.Text.Length.Should().Be(direct.Text.Length);
        proxied.Body.Should().EndWith("[DONE]\n\n");
        proxy.Connections.Should().Be(1);
    }

    [Fact]
    public async Task Proxy_AfterSoManyBytes_EndsAsToldThenPasses()
    {
        await using Chat chat = await Chat.StartAsync("mlx");
        await using FaultyProxy proxy = await FaultyProxy.StartAsync(chat.Server.Endpoint);
        string request = Raw.Post(chat.Path, Chat.Body());
        proxy.Enqueue(new ProxyFault(100), new ProxyFault(0, ProxyEnd.Reset));
        Raw cut = await Raw.SendAsync(proxy.Endpoint, request);
        (cut.Text.Length, cut.Reset).Should().Be((100, false));
        (await Raw.SendAsync(proxy.Endpoint, request)).Should().Be(new Raw("", Reset: true));
        (await Raw.SendAsync(proxy.Endpoint, request)).Body.Should().EndWith("[DONE]\n\n");
    }

    [Fact]
    public async Task Proxy_HalfOpen_StaysSilentUntilTheClientLeaves()
    {
        await using Chat chat = await Chat.StartAsync("mlx");
        await using FaultyProxy proxy = await FaultyProxy.StartAsync(chat.Server.Endpoint);
        proxy.Standing = new ProxyFault(50, ProxyEnd.HalfOpen);
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", proxy.Endpoint.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(Raw.Post(chat.Path, Chat.Body())));
        await stream.ReadExactlyAsync(new byte[50]);
        using CancellationTokenSource source = new();
        ValueTask<int> silent = stream.ReadAsync(new byte[1], source.Token);
        silent.IsCompleted.Should().BeFalse();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await silent);
    }

    /// <summary>A client that is torn away must not leave a server at work that says nothing just then.</summary>
    [Fact]
    public async Task Proxy_ClientResets_ServerLearnsOfIt()
    {
        await using Chat chat = await Chat.StartAsync("ollama");
        chat.Server.Faults.Enqueue(Fault.StallAfter(1));
        await using FaultyProxy proxy = await FaultyProxy.StartAsync(chat.Server.Endpoint);
        using (TcpClient client = new() { LingerState = new LingerOption(true, 0) })
        {
            await client.ConnectAsync("127.0.0.1", proxy.Endpoint.Port);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(Raw.Post(chat.Path, Chat.Body())));
            await client.GetStream().ReadExactlyAsync(new byte[1]);
        }

        LoggedRequest request = chat.Server.Requests.Should().ContainSingle().Subject;
        await request.Ended.WaitAsync(TimeSpan.FromMinutes(2));
        (request.ClientLeft, request.Completed).Should().Be((true, false));
    }

    [Fact]
    public async Task Proxy_Delays_AreOnTheClock()
    {
        FakeTimeProvider clock = new();
        await using Chat chat = await Chat.StartAsync("mlx");
        await using FaultyProxy proxy = await FaultyProxy.StartAsync(chat.Server.Endpoint, seed: 7, clock);
        proxy.Standing = new ProxyFault { MaxDelay = TimeSpan.FromMinutes(1) };
        Task<Raw> asking = Raw.SendAsync(proxy.Endpoint, Raw.Post(chat.Path, Chat.Body()));
        await chat.Server.WaitForRequestsAsync(1);
        asking.IsCompleted.Should().BeFalse();
        while (!asking.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        (await asking).Body.Should().EndWith("[DONE]\n\n");
        proxy.Seed.Should().Be(7);
    }

    [Fact]
    public async Task Proxy_Stopped_RefusesAndComesBack()
    {
        await using Chat chat = await Chat.StartAsync("mlx");
        await using FaultyProxy proxy = await FaultyProxy.StartAsync(chat.Server.Endpoint);
        proxy.Stop();
        await Assert.ThrowsAsync<SocketException>(() => Raw.SendAsync(proxy.Endpoint, "x"));
        proxy.Start();
        (await Raw.SendAsync(proxy.Endpoint, "GET /health HTTP/1.1\r\n\r\n")).Body.Should().Contain("ok");
    }
}
