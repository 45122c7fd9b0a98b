// dotnet run -c Release -- OUT.json NPM-FOLDER: what our binding adds to the bare SDK's round trip, how fast a memory is searched, and npm's server-memory beside it.
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;
using Providers.Mcp.Benchmarks;
using Providers.Memory;

if (args[0] == "serve")
{
    await Servers.StdioAsync(args[1], args[2]);
    return;
}

JsonArray rows = [];
double seconds = double.Parse(Environment.GetEnvironmentVariable("MCP_BENCH_SECONDS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);
string folder = Directory.CreateTempSubdirectory("mcp-bench").FullName;
try
{
    foreach (int callers in (int[])[1, 16])
    {
        foreach (bool http in (bool[])[false, true])
        {
            // Turns about, so that what the machine does meanwhile falls on both.
            List<double> bare = [], ours = [];
            await using (Session bareSession = await Session.StartAsync("bare", http, "-"))
            await using (Session ourSession = await Session.StartAsync("ours", http, "-"))
            {
                for (int round = 0; round < 3; round++)
                {
                    bare.Add((await Load.RunAsync(bareSession.Client, callers, "echo", Message, seconds / 3)).Median);
                    ours.Add((await Load.RunAsync(ourSession.Client, callers, "echo", Message, seconds / 3)).Median);
                }
            }

            Row($"echo over {(http ? "HTTP" : "stdio")}, {callers} at a time", Middle(ours), "µs", Middle(bare), Middle(ours) / Middle(bare), "limit", 1.2);
        }
    }

    double perSecond = 0;
    foreach (int count in (int[])[10_000, int.Parse(Environment.GetEnvironmentVariable("MCP_BENCH_MEMORIES") ?? "100000", System.Globalization.CultureInfo.InvariantCulture)])
    {
        string database = Path.Combine(folder, $"{count}.db");
        await FillAsync(database, count);
        foreach (string mode in (string[])["keyword", "hybrid"])
        {
            foreach (bool http in (bool[])[false, true])
            {
                await using Session session = await Session.StartAsync("memory", http, database);
                foreach (int callers in (int[])[1, 16])
                {
                    (double median, double rate) = await Load.RunAsync(session.Client, callers, "memory_search", i => Query(i, mode, count), seconds);
                    Row($"memory_search {mode}, {count} memories, {(http ? "HTTP" : "stdio")}, {callers} at a time", median, "µs", null, null, null, 0);
                    perSecond = count == 10_000 && mode == "keyword" && !http && callers == 1 ? rate : perSecond;
                }
            }
        }
    }

    if (args.Length > 1 && Peer(args[1]) is { } peer)
    {
        await using McpClient client = await McpClient.CreateAsync(peer.Transport(Path.Combine(folder, "peer.jsonl")));
        for (int i = 0; i < 10_000; i += 1_000)
        {
            object[] entities = [.. Enumerable.Range(i, 1_000).Select(static n => new { name = $"entity {n}", entityType = "note", observations = new[] { Corpus.Text(n), $"seen {n} times" } })];
            await client.CallToolAsync("create_entities", new Dictionary<string, object?> { ["entities"] = JsonSerializer.SerializeToElement(entities) });
        }

        (_, double theirs) = await Load.RunAsync(client, 1, "search_nodes", static i => new() { ["query"] = Corpus.Word(i * 7_919 % 10_000) }, seconds);
        Row("searches a second at 10000, stdio, 1 at a time, beside server-memory", perSecond, "1/s", theirs, perSecond / theirs, "atLeast", 10);
    }
}
finally
{
    Directory.Delete(folder, true);
}

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[0]))!);
await File.WriteAllTextAsync(args[0], rows.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
return;

static Dictionary<string, object?> Message(int i) => new() { ["message"] = "hello" };

static Dictionary<string, object?> Query(int i, string mode, int count) => new() { ["query"] = Corpus.Word(i * 7_919 % count), ["mode"] = mode, ["limit"] = 10 };

static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);

void Row(string name, double value, string unit, double? baseline, double? ratio, string? bound, double at)
{
    JsonObject row = new() { ["name"] = name, ["value"] = Math.Round(value, 1), ["unit"] = unit };
    if (baseline is not null)
    {
        row["baseline"] = Math.Round(baseline.Value, 1);
        row["ratio"] = Math.Round(ratio!.Value, 3);
        row[bound!] = at;
    }

    rows.Add(row);
    Console.WriteLine($"{name,-80} {value,10:F1} {unit,-4} {(baseline is null ? "" : $"beside {baseline:F1}: x {ratio:F2} ({bound} {at})")}");
}

static async Task FillAsync(string database, int count)
{
    ServiceCollection services = new();
    services.AddSqliteMemory(database);
    await using ServiceProvider provider = services.BuildServiceProvider();
    IMemoryService memory = provider.GetRequiredService<IMemoryService>();
    for (int i = 0; i < count; i += 1_000)
    {
        await memory.ExecuteAsync(new MemoryTransaction(new MemoryScope("local"), [.. Enumerable.Range(i, 1_000).Select(static n => new MemoryUpsert(new MemoryRecord { Text = Corpus.Text(n) }))]));
    }
}

static PeerServer? Peer(string npm)
{
    PeerServer peer = new(npm);
    return peer.IsThere ? peer : null;
}
