using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;
using Providers.Memory;

namespace Providers.Mcp.Benchmarks;

/// <summary>The parts of the measurement, each of them short enough for a machine that others wait for.</summary>
internal static class Stages
{
    private const int Rounds = 31;
    private static readonly double s_seconds = double.Parse(Environment.GetEnvironmentVariable("MCP_BENCH_SECONDS") ?? "3", CultureInfo.InvariantCulture);

    /// <summary>What our binding adds to an echo on the bare SDK: turns about in many short rounds, so that what the machine does meanwhile falls on both.</summary>
    public static async Task EchoAsync(Rows rows, bool http)
    {
        foreach (int callers in (int[])[1, 16])
        {
            await using Session bare = await Session.StartAsync("bare", http, "-", callers);
            await using Session ours = await Session.StartAsync("ours", http, "-", callers);
            foreach (Session session in (Session[])[bare, ours, bare, ours])
            {
                await Load.RunAsync(session.Clients, callers, "echo", Message, s_seconds / 2); // the first seconds are twice as slow
            }

            List<(double Bare, double Ours)> medians = [];
            for (int round = 0; round < Rounds; round++)
            {
                double first = await OneAsync(round % 2 == 0 ? bare : ours), second = await OneAsync(round % 2 == 0 ? ours : bare);
                medians.Add(round % 2 == 0 ? (first, second) : (second, first));
            }

            double[] ratios = [.. medians.Select(static m => m.Ours / m.Bare).Order()];
            rows.Add(new Row($"echo over {Name(http)}, {callers} at a time", Rows.Middle(medians.Select(static m => m.Ours)), "µs")
            {
                Baseline = Rows.Middle(medians.Select(static m => m.Bare)),
                Ratio = Rows.Middle(ratios),
                Spread = [ratios[ratios.Length / 4], ratios[ratios.Length * 3 / 4]],
                Limit = 1.2,
            });

            async Task<double> OneAsync(Session session) => (await Load.RunAsync(session.Clients, callers, "echo", Message, s_seconds / 10)).Median;
        }
    }

    /// <summary>Goes on filling a database, for two minutes at most.</summary>
    /// <returns>Whether it is full.</returns>
    public static async Task<bool> FillAsync(string work, int count)
    {
        ServiceCollection services = new();
        services.AddSqliteMemory(Database(work, count));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IMemoryService memory = provider.GetRequiredService<IMemoryService>();
        MemoryScope scope = new("local");
        long started = TimeProvider.System.GetTimestamp();
        long there = (await memory.Store.GetStatsAsync(scope)).Count;
        while (there < count && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(2))
        {
            await memory.ExecuteAsync(new MemoryTransaction(scope, [.. Enumerable.Range((int)there, 1_000).Select(static n => new MemoryUpsert(new MemoryRecord { Text = Corpus.Text(n) }))]));
            there += 1_000;
        }

        Console.WriteLine($"{there} of {count} memories are there");
        return there >= count;
    }

    public static async Task SearchAsync(Rows rows, string work, int count, bool http)
    {
        foreach (int callers in (int[])[1, 16])
        {
            await using Session session = await Session.StartAsync("memory", http, Database(work, count), callers);
            foreach (string mode in (string[])["keyword", "hybrid"])
            {
                Func<int, Dictionary<string, object?>> query = i => Query(i, mode, count);
                await Load.RunAsync(session.Clients, callers, "memory_search", query, s_seconds * 2); // a new process needs some hundred searches until its code is compiled well
                (double median, double rate) = await Load.RunAsync(session.Clients, callers, "memory_search", query, s_seconds);
                string name = $"memory_search {mode}, {count:N0} memories, {Name(http)}, {callers} at a time";
                rows.Add(new Row(name, median, "µs"));
                rows.Add(new Row($"{name}, rate", rate, "1/s"));
            }
        }
    }

    /// <summary>The same texts in npm's server-memory, searched for the same words, turns about.</summary>
    public static async Task PeerAsync(Rows rows, string work, string npm)
    {
        const int count = 10_000;
        PeerServer peer = new(npm);
        if (!peer.IsThere)
        {
            Console.Error.WriteLine($"server-memory is not installed under {npm}; eng/npm/install does it. The peer is left out.");
            return;
        }

        await using McpClient theirs = await peer.StartAsync(Path.Combine(work, "peer.jsonl"), count);
        await using Session ours = await Session.StartAsync("memory", false, Database(work, count));
        await Load.RunAsync(ours.Clients, 1, "memory_search", i => Query(i, "hybrid", count), s_seconds * 3);
        foreach (int callers in (int[])[1, 16])
        {
            foreach (string mode in (string[])["keyword", "hybrid"])
            {
                List<(double Theirs, double Ours)> rates = [];
                for (int round = -1; round < 5; round++)
                {
                    double their = (await Load.RunAsync([theirs], callers, "search_nodes", static i => new() { ["query"] = Corpus.Word(i * 7_919 % count) }, s_seconds / 2)).PerSecond;
                    double our = (await Load.RunAsync(ours.Clients, callers, "memory_search", i => Query(i, mode, count), s_seconds / 2)).PerSecond;
                    rates.AddRange(round < 0 ? [] : [(their, our)]); // the first warms
                }

                double[] ratios = [.. rates.Select(static r => r.Ours / r.Theirs).Order()];
                rows.Add(new Row($"searches a second ({mode}) at {count:N0}, stdio, {callers} at a time, beside server-memory", Rows.Middle(rates.Select(static r => r.Ours)), "1/s")
                {
                    Baseline = Rows.Middle(rates.Select(static r => r.Theirs)),
                    Ratio = Rows.Middle(ratios),
                    Spread = [ratios[ratios.Length / 4], ratios[ratios.Length * 3 / 4]],
                    AtLeast = 10,
                });
            }
        }
    }

    public static string Database(string work, int count) => Path.Combine(work, $"{count}.db");

    private static string Name(bool http) => http ? "HTTP" : "stdio";

    private static Dictionary<string, object?> Message(int i) => new() { ["message"] = "hello" };

    private static Dictionary<string, object?> Query(int i, string mode, int count) => new() { ["query"] = Corpus.Word(i * 7_919 % count), ["mode"] = mode, ["limit"] = 10 };
}
