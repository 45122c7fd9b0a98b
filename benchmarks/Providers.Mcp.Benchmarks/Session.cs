using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;

namespace Providers.Mcp.Benchmarks;

/// <summary>A server and clients of it: over stdio the server is a process of its own with one client, over HTTP it is in this one and has as many as are wanted.</summary>
internal sealed class Session(IReadOnlyList<McpClient> clients, WebApplication? app) : IAsyncDisposable
{
    private static readonly McpClientOptions s_patient = new() { DiscoverProbeTimeout = TimeSpan.FromMinutes(1) }; // a slow start must not make it speak the older protocol

    public IReadOnlyList<McpClient> Clients => clients;

    public static async Task<Session> StartAsync(string kind, bool http, string database, int clients = 1)
    {
        if (!http)
        {
            return new Session([await McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions { Command = Environment.ProcessPath!, Arguments = ["serve", kind, database] }), s_patient)], null);
        }

        WebApplication app = await Servers.HttpAsync(kind, database);
        Uri endpoint = new($"{app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/mcp");
        List<McpClient> all = [];
        for (int i = 0; i < clients; i++)
        {
            all.Add(await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = endpoint, TransportMode = HttpTransportMode.StreamableHttp }), s_patient));
        }

        return new Session(all, app);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (McpClient client in clients)
        {
            await client.DisposeAsync();
        }

        if (app is not null)
        {
            await app.DisposeAsync();
        }
    }
}
