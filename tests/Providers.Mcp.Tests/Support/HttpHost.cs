using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ModelContextProtocol.Server;

namespace Providers.Mcp.Tests.Support;

/// <summary>The server over HTTP on a free port of the loopback.</summary>
internal sealed class HttpHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpHost(WebApplication app, Host host)
    {
        _app = app;
        Host = host;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Endpoint = new Uri($"{address}/mcp");
    }

    public Host Host { get; }

    public Uri Endpoint { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<HttpHost> StartAsync(Host? host = null, Action<McpHttpOptions>? http = null, Action<IMcpServerBuilder>? more = null, Action<WebApplication>? map = null)
    {
        host ??= new Host();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
        builder.WebHost.ConfigureKestrel(static o => o.Listen(IPAddress.Loopback, 0));
        IMcpServerBuilder mcp = host.Register(builder.Services).WithGuardedHttpTransport(http);
        more?.Invoke(mcp);
        WebApplication app = builder.Build();
        app.MapGuardedMcp("/mcp");
        map?.Invoke(app);
        await app.StartAsync();
        return new HttpHost(app, host);
    }

    public Task<McpClient> ConnectAsync(McpClientOptions? options = null, string? token = null) => McpClient.CreateAsync(new HttpClientTransport(Options(token)), options);

    /// <summary>A client whose requests pass a handler of the test's.</summary>
    public Task<McpClient> ConnectAsync(HttpMessageHandler through) => McpClient.CreateAsync(new HttpClientTransport(Options(null), new HttpClient(through), null, ownsHttpClient: true));

    private HttpClientTransportOptions Options(string? token) => new()
    {
        Endpoint = Endpoint,
        TransportMode = HttpTransportMode.StreamableHttp,
        AdditionalHeaders = token is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" },
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }
}
