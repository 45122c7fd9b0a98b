using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;
using Providers.Tools;

namespace Providers.Mcp.Benchmarks;

/// <summary>Where the time of one <c>memory_search</c> goes: each layer alone and in this process, turns about; what a layer adds is its figure less the one before.</summary>
internal static class Parts
{
    private const int Turns = 300, Warm = 60;

    public static async Task RunAsync(Rows rows, string database, int count)
    {
        ServiceCollection services = new();
        services.AddLogging().AddSqliteMemory(database);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IMemoryService memory = provider.GetRequiredService<IMemoryService>();
        using LexicalEmbeddingGenerator lexical = new(); // the default where a host has none
        AIFunction tool = provider.GetServices<IToolset>().Single(static t => t.Name == "memory").Tools.Single(static t => t.Name == "memory_search");
        MemoryScope scope = new("local");
        string space = (await memory.Store.ListAsync(scope, new MemoryListOptions { Limit = 1 })).Records[0].VectorSpace!;
        (string Name, Func<string, Task> Run)[] parts =
        [
            ("embed the query", async word => await lexical.GenerateAsync(word)),
            ("store, keyword, 10", async word => await memory.Store.SearchAsync(scope, new MemoryQuery { Text = word, Mode = MemorySearchMode.Keyword })),
            ("store, semantic, 10", async word => await memory.Store.SearchAsync(scope, new MemoryQuery { Vector = await VectorAsync(word), VectorSpace = space, Mode = MemorySearchMode.Semantic })),
            ("store, hybrid, 10", async word => await memory.Store.SearchAsync(scope, new MemoryQuery { Text = word, Vector = await VectorAsync(word), VectorSpace = space })),
            ("store, hybrid, 30", async word => await memory.Store.SearchAsync(scope, new MemoryQuery { Text = word, Vector = await VectorAsync(word), VectorSpace = space, Top = 30 })),
            ("service, keyword", async word => await memory.SearchAsync(scope, new MemoryQuery { Text = word, Mode = MemorySearchMode.Keyword })),
            ("service, hybrid", async word => await memory.SearchAsync(scope, new MemoryQuery { Text = word })),
            ("tool, keyword", async word => await CallAsync(word, "keyword")),
            ("tool, hybrid", async word => await CallAsync(word, "hybrid")),
        ];
        List<double>[] times = [.. parts.Select(static _ => new List<double>())];
        for (int turn = 0; turn < Turns; turn++)
        {
            for (int i = 0; i < parts.Length; i++)
            {
                string word = Corpus.Word(((turn * parts.Length) + i) * 7_919 % count);
                long began = Stopwatch.GetTimestamp();
                await parts[i].Run(word);
                if (turn >= Warm)
                {
                    times[i].Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
                }
            }
        }

        for (int i = 0; i < parts.Length; i++)
        {
            rows.Add(new Row($"{parts[i].Name}, {count:N0} memories", Rows.Middle(times[i]), "µs"));
        }

        async Task<ReadOnlyMemory<float>> VectorAsync(string word) => (await lexical.GenerateAsync(word)).Vector;

        async Task CallAsync(string word, string mode)
        {
            AIFunctionArguments arguments = new(JsonSerializer.Deserialize<Dictionary<string, object?>>($$"""{"query":"{{word}}","mode":"{{mode}}","limit":10}""")!);
            await tool.InvokeAsync(arguments.SetCaller(new ToolCaller("local")));
        }
    }
}
