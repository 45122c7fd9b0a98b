using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Providers.Load;

/// <summary>What users of the host do: mostly chat, some of it streamed, embeddings, memories written and found, and the same memory over MCP.</summary>
internal sealed class Mix(Uri host)
{
    /// <summary>How many kinds of request there are.</summary>
    public const int Kinds = 7;

    private static readonly Uri Chat = new("v1/chat/completions", UriKind.Relative), Embeddings = new("v1/embeddings", UriKind.Relative);
    private static readonly Uri Memories = new("v1/memories", UriKind.Relative), MemorySearch = new("v1/memories:search", UriKind.Relative);
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) }) { BaseAddress = host, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Each kind of request once, so that nothing is compiled or opened while it is measured.</summary>
    public async Task WarmUpAsync()
    {
        await using McpClient mcp = await ConnectAsync();
        Random random = new(0);
        for (int kind = 0; kind < 100; kind++)
        {
            await OneAsync(kind, random, mcp, CancellationToken.None);
        }
    }

    public Task RunAsync(int workers, Recorder recorder, CancellationToken stop) => Task.WhenAll(Enumerable.Range(1, workers).Select(seed => Task.Run(() => WorkAsync(seed, recorder, stop), CancellationToken.None)));

    private async Task WorkAsync(int seed, Recorder recorder, CancellationToken stop)
    {
        Random random = new(seed);
        await using McpClient mcp = await ConnectAsync();
        while (!stop.IsCancellationRequested)
        {
            int dice = random.Next(100);
            long started = Stopwatch.GetTimestamp();
            try
            {
                string kind = await OneAsync(dice, random, mcp, CancellationToken.None);
                recorder.Served(kind, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or InvalidOperationException or IOException or ModelContextProtocol.McpException)
            {
                recorder.Fail(dice.ToString(System.Globalization.CultureInfo.InvariantCulture), e);
            }

            await Task.Delay(random.Next(0, 20), CancellationToken.None);
        }
    }

    private async Task<string> OneAsync(int dice, Random random, McpClient mcp, CancellationToken cancellationToken)
    {
        switch (dice)
        {
            case < 30:
                await PostAsync(Chat, """{"messages":[{"role":"user","content":"Hello"}]}""", "\"finish_reason\"", cancellationToken);
                return "chat";
            case < 55:
                await PostAsync(Chat, """{"stream":true,"messages":[{"role":"user","content":"Hello"}]}""", "data: [DONE]", cancellationToken);
                return "chat, streamed";
            case < 65:
                await PostAsync(Embeddings, $$"""{"model":"embed","input":["text {{random.Next()}}","text {{random.Next()}}"]}""", "\"embedding\"", cancellationToken);
                return "embed two texts";
            case < 75:
                await PostAsync(Memories, $$"""{"text":"Note {{random.Next()}}: customer {{random.Next(500)}} wants a delivery on day {{random.Next(7)}}.","tags":["load"]}""", "\"id\"", cancellationToken);
                return "memory, store";
            case < 90:
                await PostAsync(MemorySearch, $$"""{"text":"What does customer {{random.Next(500)}} want?","top":5}""", "\"score\"", cancellationToken);
                return "memory, search";
            case < 94:
                await CallAsync(mcp, "memory_store", new() { ["text"] = $"Over MCP, note {random.Next()}." }, cancellationToken);
                return "MCP, memory_store";
            default:
                await CallAsync(mcp, "memory_search", new() { ["query"] = $"customer {random.Next(500)}", ["limit"] = 5 }, cancellationToken);
                return "MCP, memory_search";
        }
    }

    private async Task PostAsync(Uri address, string body, string wanted, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _http.PostAsync(address, JsonContent.Create(JsonNode.Parse(body)), cancellationToken);
        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode || !text.Contains(wanted, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{address} gave {(int)response.StatusCode}: {text[..Math.Min(200, text.Length)]}");
        }
    }

    private static async Task CallAsync(McpClient mcp, string tool, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        CallToolResult result = await mcp.CallToolAsync(tool, arguments, cancellationToken: cancellationToken);
        if (result.IsError is true)
        {
            throw new InvalidOperationException($"{tool} said: {result.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text}");
        }
    }

    private Task<McpClient> ConnectAsync() => McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(host, "mcp"), TransportMode = HttpTransportMode.StreamableHttp }));
}
