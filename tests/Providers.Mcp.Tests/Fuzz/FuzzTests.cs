using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Providers.Mcp.Tests.Support;
using Providers.Memory;

namespace Providers.Mcp.Tests.Fuzz;

/// <summary>Random and malformed messages: the session answers or goes on, nothing crashes, memory stays bounded. MCP_FUZZ sets how many, LONG_SEED which; without it, as many as fit in a few seconds.</summary>
public sealed partial class FuzzTests(ITestOutputHelper output)
{
    private const long MostGrowth = 300_000_000;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(8);

    private static int? Wanted => Environment.GetEnvironmentVariable("MCP_FUZZ") is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : null;

    private static int Seed => Environment.GetEnvironmentVariable("LONG_SEED") is { Length: > 0 } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : 20261126;

    [Fact]
    public async Task Stdio_AnyLines_SessionGoesOn()
    {
        await using PipeSession session = await PipeSession.StartAsync(new Host { Door = static o => o.MaxLineBytes = 65_536 }, connect: false);
        using StreamReader answers = new(session.FromServer);
        await WriteAsync(session, Encoding.UTF8.GetBytes(Posts.Initialize));
        (await answers.ReadLineAsync()).Should().Contain("protocolVersion");
        await WriteAsync(session, """{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray());
        Mangler mangler = new(Seed);
        long before = GC.GetTotalMemory(true);
        long started = Stopwatch.GetTimestamp();
        int sent = 0, answered = 0;
        while (Wanted is { } wanted ? sent < wanted : Stopwatch.GetElapsedTime(started) < Budget)
        {
            for (int i = 0; i < 100; i++, sent++)
            {
                await WriteAsync(session, mangler.Next());
            }

            string mark = $"mark-{sent}";
            await WriteAsync(session, Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":"{{mark}}","method":"ping"}"""));
            while (true)
            {
                string line = await answers.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) ?? throw new InvalidOperationException($"The session ended at message {sent} of seed {Seed}.");
                using JsonDocument answer = JsonDocument.Parse(line);
                answered++;
                if (answer.RootElement.TryGetProperty("id", out JsonElement id) && id.ValueKind is JsonValueKind.String && id.GetString() == mark)
                {
                    break;
                }
            }

            session.Running.IsCompleted.Should().BeFalse("seed {0}, message {1}", Seed, sent);
            if (sent % 5_000 == 0)
            {
                await ForgetAsync(session.Host);
            }
        }

        await ForgetAsync(session.Host);
        session.Host.Logs.Clear();
        long growth = GC.GetTotalMemory(true) - before;
        output.WriteLine($"long: {sent} messages over stdio, seed {Seed}, {answered} answers, {growth / 1_000_000.0:F1} MB more");
        growth.Should().BeLessThan(MostGrowth);
    }

    [Theory]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    public async Task Http_AnyBodies_ServerGoesOn(string version)
    {
        await using HttpHost host = await HttpHost.StartAsync();
        using HttpClient http = new() { Timeout = TimeSpan.FromMinutes(1) };
        Mangler mangler = new(Seed + version[3], version[3] == '6');
        long before = GC.GetTotalMemory(true);
        long started = Stopwatch.GetTimestamp();
        Dictionary<HttpStatusCode, int> statuses = [];
        int sent = 0;
        string? mcpSession = null;
        while (Wanted is { } wanted ? sent < wanted / 2 : Stopwatch.GetElapsedTime(started) < Budget / 2)
        {
            if (version[3] == '5' && (mcpSession is null || sent % 800 == 0))
            {
                mcpSession = await Posts.OpenAsync(http, host.Endpoint); // the older revision knows whom it talks to; one in eight messages forgets to say
            }

            HttpStatusCode[] batch = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => mangler.Next()).ToArray().Select((body, i) => SendAsync(http, host.Endpoint, version, body, i % 8 == 0 ? null : mcpSession)));
            sent += batch.Length;
            foreach (HttpStatusCode status in batch)
            {
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
            }

            if (sent % 4_000 == 0)
            {
                await ForgetAsync(host.Host);
            }
        }

        await ForgetAsync(host.Host);
        await using (McpClient client = await host.ConnectAsync())
        {
            await client.GoodAsync("memory_stats");
        }

        host.Host.Logs.Clear();
        long growth = GC.GetTotalMemory(true) - before;
        output.WriteLine($"long: {sent} messages over HTTP in {version}, seed {Seed}, {string.Join(", ", statuses.Select(static s => $"{s.Value} x {(int)s.Key}"))}, {growth / 1_000_000.0:F1} MB more");
        growth.Should().BeLessThan(MostGrowth);
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient http, Uri endpoint, string version, byte[] body, string? mcpSession)
    {
        using HttpRequestMessage request = Posts.Of(endpoint, body, version, mcpSession);
        string text = Encoding.Latin1.GetString(body);
        Promise(request, "Mcp-Method", Method().Match(text));
        Promise(request, "Mcp-Name", Name().Match(text));
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request);
            return response.StatusCode is not HttpStatusCode.InternalServerError ? response.StatusCode
                : throw new InvalidOperationException($"seed {Seed}: {await response.Content.ReadAsStringAsync()} to {text}");
        }
        catch (TaskCanceledException e)
        {
            throw new InvalidOperationException($"No answer within {http.Timeout} to {text}", e);
        }
    }

    // The newer revision wants in the headers what the body says.
    private static void Promise(HttpRequestMessage request, string header, Match match)
    {
        if (match.Success)
        {
            request.Headers.TryAddWithoutValidation(header, match.Groups[1].Value);
        }
    }

    [GeneratedRegex("\"method\":\"([a-z/]+)\"")]
    private static partial Regex Method();

    [GeneratedRegex("\"(?:name|uri)\":\"([a-zA-Z_:/]{2,})\"")]
    private static partial Regex Name();

    private static async Task WriteAsync(PipeSession session, byte[] line) => await session.ToServer.WriteAsync((byte[])[.. line, (byte)'\n']);

    private static async Task ForgetAsync(Host host)
    {
        host.Logs.Clear();
        MemoryScope scope = new("acme");
        for (MemoryPage page = await host.Store.ListAsync(scope, new MemoryListOptions { Limit = 200 }); page.Records.Count > 0; page = await host.Store.ListAsync(scope, new MemoryListOptions { Limit = 200 }))
        {
            await host.Store.ExecuteAsync(new MemoryTransaction(scope, [.. page.Records.Select(static r => new MemoryDelete(r.Id))]));
        }
    }
}
