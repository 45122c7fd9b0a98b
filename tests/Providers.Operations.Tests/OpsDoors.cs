using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.AspNetCore;
using Providers.Http;

namespace Providers.Operations.Tests;

/// <summary>The other doors and parts of the host whose metrics the dashboards show: REST, MCP, tokens for upstreams, the embedding cache.</summary>
internal sealed class OpsDoors : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ops-").FullName;
    private McpServer? _server;
    private McpClient? _client;
    private Task _running = Task.CompletedTask;

    /// <summary>Gets the cache behind the embeddings, which hangs on cue.</summary>
    public HangingCache Cache { get; } = new();

    /// <summary>Gets the provider of embeddings.</summary>
    public CountingEmbedder Embedder { get; } = new();

    public void Register(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDistributedCache>(Cache);
        builder.Services.AddHybridCache();
        builder.Services.AddProvidersGateway(o =>
        {
            o.Authentication.KeyFile = Path.Combine(_folder, "keys.json");
            o.DrainDelay = TimeSpan.Zero;
        });
        builder.Services.AddMcpServer().WithProviderTools();
    }

    /// <summary>A key that ends within three days, and a session of MCP.</summary>
    public async Task StartAsync(IServiceProvider services)
    {
        await ApiKeyIssuer.IssueAsync(services.GetRequiredService<IApiKeyStore>(), "acme", GatewayScopes.Chat, expires: DateTimeOffset.UtcNow.AddDays(3));
        Pipe there = new(), back = new();
        _server = McpServer.Create(new StreamServerTransport(there.Reader.AsStream(), back.Writer.AsStream(), "ops"), services.GetRequiredService<IOptions<McpServerOptions>>().Value, null, services);
        _running = _server.RunAsync();
        _client = await McpClient.CreateAsync(new StreamClientTransport(there.Writer.AsStream(), back.Reader.AsStream()));
    }

    /// <summary>A tool that answers, one that refuses, and one that is not there.</summary>
    public async Task CallToolsAsync()
    {
        await _client!.CallToolAsync("provider_status", new Dictionary<string, object?>());
        await _client!.CallToolAsync("explain_route", new Dictionary<string, object?> { ["route"] = "no such route" });
        try
        {
            await _client!.CallToolAsync("random-tool", new Dictionary<string, object?>());
        }
        catch (ModelContextProtocol.McpException)
        {
            // The protocol's own way of saying so.
        }
    }

    /// <summary>Fetches a token for an upstream from a server that gives one, or that fails.</summary>
    public static async Task FetchTokenAsync(bool fails)
    {
        using TokenEndpoint server = new(fails);
        using HttpMessageInvoker http = new(server);
        ClientCredentialsTokens tokens = new(new ClientCredentialsOptions { TokenEndpoint = new Uri("https://issuer.example/token"), ClientId = "ops", ClientSecret = static _ => new("secret") }, http);
        try
        {
            await tokens.GetAsync();
        }
        catch (ProviderException) when (fails)
        {
            // Counted.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
            await _server!.DisposeAsync();
            await _running;
        }

        Directory.Delete(_folder, recursive: true);
    }

    private sealed class TokenEndpoint(bool fails) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(fails
            ? new HttpResponseMessage(HttpStatusCode.InternalServerError)
            : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"access_token":"t","expires_in":3600}""", Encoding.UTF8, "application/json") });
    }
}
