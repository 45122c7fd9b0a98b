using System.Text.Json;
using ModelContextProtocol.Client;

namespace Providers.Mcp.Benchmarks;

/// <summary>npm's server-memory, where it is installed, filled with the texts that our memory has.</summary>
internal sealed class PeerServer(string npm)
{
    private readonly string _node = Path.Combine(npm, "node_modules", "node", "bin", "node");
    private readonly string _server = Path.Combine(npm, "node_modules", "@modelcontextprotocol", "server-memory", "dist", "index.js");

    public bool IsThere => File.Exists(_node) && File.Exists(_server);

    public async Task<McpClient> StartAsync(string file, int count)
    {
        bool fill = !File.Exists(file);
        McpClient client = await McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = _node,
            Arguments = [_server],
            EnvironmentVariables = new Dictionary<string, string?> { ["MEMORY_FILE_PATH"] = Path.GetFullPath(file) }!,
        }));
        for (int i = 0; fill && i < count; i += 1_000)
        {
            object[] entities = [.. Enumerable.Range(i, 1_000).Select(static n => new { name = $"entity {n}", entityType = "note", observations = new[] { Corpus.Text(n), $"seen {n} times" } })];
            await client.CallToolAsync("create_entities", new Dictionary<string, object?> { ["entities"] = JsonSerializer.SerializeToElement(entities) });
        }

        return client;
    }
}
