using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;

namespace Providers.Mcp.Benchmarks;

/// <summary>A server and a client of it: over stdio the server is a process of its own, over HTTP it is in this one.</summary>
internal sealed class Session(McpClient client, WebApplication? app) : IAsyncDisposable
{
    public McpClient Client => client;

    public static async Task<Session> StartAsync(string kind, bool http, string database)
    {
        if (!http)
        {
            return new Session(await McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions { Command = Environment.ProcessPath!, Arguments = ["serve", kind, database] })), null);
        }

        WebApplication app = await Servers.HttpAsync(kind, database);
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Session(await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri($"{address}/mcp"), TransportMode = HttpTransportMode.StreamableHttp })), app);
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        if (app is not null)
        {
            await app.DisposeAsync();
        }
    }
}

/// <summary>npm's server-memory, where it is installed.</summary>
internal sealed class PeerServer(string npm)
{
    private readonly string _node = Path.Combine(npm, "node_modules", "node", "bin", "node");
    private readonly string _server = Path.Combine(npm, "node_modules", "@modelcontextprotocol", "server-memory", "dist", "index.js");

    public bool IsThere => File.Exists(_node) && File.Exists(_server);

    public StdioClientTransport Transport(string file) => new(new StdioClientTransportOptions
    {
        Command = _node,
        Arguments = [_server],
        EnvironmentVariables = new Dictionary<string, string?> { ["MEMORY_FILE_PATH"] = file }!,
    });
}
