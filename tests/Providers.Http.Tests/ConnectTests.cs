using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;

namespace Providers.Http.Tests;

/// <summary>Connections that are not made: names, addresses, full queues, TLS.</summary>
public sealed class ConnectTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>.NET sends requests to a loopback address to the environment's proxy as well, prompts that are to stay on this machine among them.</summary>
    [Theory]
    [InlineData("http://127.0.0.1:11434/", true)]
    [InlineData("http://localhost:8000/v1", true)]
    [InlineData("http://[::1]:1234/", true)]
    [InlineData("http://10.0.0.7:8000/", false)]
    [InlineData("https://api.openai.com/v1", false)]
    public void Proxy_OfTheHost_IsForOtherMachinesOnly(string address, bool direct)
    {
        Uri hosts = new("http://proxy.test:3128");
        OutsideProxy proxy = new(() => new WebProxy(hosts) { Credentials = new NetworkCredential("u", "p") });
        proxy.IsBypassed(new Uri(address)).Should().Be(direct);
        proxy.GetProxy(new Uri(address)).Should().Be(direct ? null : hosts);
        proxy.Credentials.Should().NotBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Proxy_WhereOnlyPrivateNetworksAreAllowed_IsNone(bool only)
    {
        using SocketsHttpHandler sockets = GuardedHttp.CreateSockets(new GuardOptions { PrivateNetworkOnly = only }, null);
        sockets.UseProxy.Should().Be(!only);
        sockets.Proxy.Should().BeOfType<OutsideProxy>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Name_ThatDoesNotResolve_IsConnectionLostAndNamesTheOption(bool privateOnly)
    {
        ProviderException seen = await FailAsync(new Uri("http://no-such-host.invalid/"), new GuardOptions { Provider = "p", PrivateNetworkOnly = privateOnly });
        seen.Kind.Should().Be(FailureKind.ConnectionLost);
        seen.Provider.Should().Be("p");
        seen.Message.Should().Contain("does not resolve").And.Contain("Endpoint");
    }

    [Fact]
    public async Task Name_OfAPrivateAddress_IsConnectedToWhenOnlyThoseAreAllowed()
    {
        await using RawServer server = new("HTTP/1.0 200 OK\r\n\r\n{}");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { PrivateNetworkOnly = true });
        (await client.GetStringAsync(new UriBuilder(server.Address) { Host = "localhost" }.Uri, Stop)).Should().Be("{}");
    }

    [Fact]
    public async Task Connection_NotAcceptedInTime_TimesOutWithTheNumber()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems refuse a connection that finds the queue full");
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0); // what is waiting to be accepted fills the queue, and the next one's greeting is dropped
        using ManyClients waiting = new((IPEndPoint)listener.LocalEndPoint!, 8);
        FakeTimeProvider clock = new();
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { ConnectTimeout = TimeSpan.FromSeconds(30), FirstByteTimeout = Timeout.InfiniteTimeSpan }, clock);
        Task<HttpResponseMessage> call = client.GetAsync(new Uri($"http://{listener.LocalEndPoint}/"), Stop);
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        ProviderException seen = (await FluentActions.Awaiting(() => call).Should().ThrowAsync<ProviderException>()).Which;
        seen.Kind.Should().Be(FailureKind.TimedOut);
        seen.Message.Should().Contain("connect").And.Contain("30.0 s");
    }

    [Fact]
    public async Task Connection_WithoutALimit_IsMade()
    {
        await using RawServer server = new("HTTP/1.0 200 OK\r\n\r\n{}");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { ConnectTimeout = Timeout.InfiniteTimeSpan, FirstByteTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = Timeout.InfiniteTimeSpan });
        (await client.GetStringAsync(server.Address, Stop)).Should().Be("{}");
    }

    [Fact]
    public async Task Connection_LeftIdle_IsClosedByUs()
    {
        TaskCompletionSource<int> left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async (stream, _, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), stop);
            left.SetResult(await stream.ReadAsync(new byte[1], stop));
        });
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(500) });
        (await client.GetStringAsync(server.Address, Stop)).Should().Be("{}");
        (await left.Task.WaitAsync(Stop)).Should().Be(0, "a server of four workers stalls the fifth connection while four are kept");
    }

    [Fact]
    public async Task Tls_SpokenToAPlainServer_IsConnectionLostAndSaysTls()
    {
        await using RawServer server = new((stream, _, stop) => stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), stop).AsTask(), readsRequest: false);
        ProviderException seen = await FailAsync(new UriBuilder(server.Address) { Scheme = "https" }.Uri, new GuardOptions());
        seen.Kind.Should().Be(FailureKind.ConnectionLost);
        seen.Message.Should().Contain("TLS").And.Contain("http or https");
    }

    [Fact]
    public async Task Tls_NeverAnswered_EndsAtTheConnectTimeout()
    {
        await using RawServer server = new((_, _, stop) => Task.Delay(Timeout.Infinite, stop), readsRequest: false);
        ProviderException seen = await FailAsync(new UriBuilder(server.Address) { Scheme = "https" }.Uri, new GuardOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) });
        seen.Kind.Should().Be(FailureKind.TimedOut);
    }

    [Fact]
    public async Task Tls_WithACertificateNobodyVouchesFor_SaysWhatIsWrongWithIt()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using RawServer server = new(
            async (stream, _, stop) =>
            {
                await using SslStream secure = new(stream);
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop);
            },
            readsRequest: false);
        ProviderException seen = await FailAsync(new UriBuilder(server.Address) { Scheme = "https" }.Uri, new GuardOptions());
        seen.Kind.Should().Be(FailureKind.ConnectionLost);
        seen.Message.Should().Contain("certificate is invalid");
    }

    private static async Task<ProviderException> FailAsync(Uri address, GuardOptions options)
    {
        using HttpClient client = GuardedHttp.CreateClient(options);
        return (await FluentActions.Awaiting(() => client.GetAsync(address, Stop)).Should().ThrowAsync<ProviderException>()).Which;
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2046, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Clients that connect and wait, as long as the test runs.</summary>
    private sealed class ManyClients : IDisposable
    {
        private readonly Socket[] _sockets;

        public ManyClients(IPEndPoint to, int count)
        {
            _sockets = [.. Enumerable.Range(0, count).Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
            _sockets[0].Connect(to);
            foreach (Socket socket in _sockets.Skip(1))
            {
                _ = socket.ConnectAsync(to).ContinueWith(static t => t.Exception, TaskScheduler.Default);
            }
        }

        public void Dispose() => Array.ForEach(_sockets, static s => s.Dispose());
    }
}
