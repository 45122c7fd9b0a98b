using Microsoft.Extensions.Time.Testing;
using Providers.Memory;

namespace Providers.Operations.Tests;

/// <summary>Faults of a memory under a real Prometheus: the shipped alerts fire. Durations in the rules are divided by 60.</summary>
[Collection(nameof(OneHost))]
public sealed class LiveMemoryAlertTests(ITestOutputHelper output)
{
    [Fact]
    public async Task FaultsOfAMemory_FireTheirAlerts()
    {
        Tool.Need("prometheus");
        await using OpsHost host = await OpsHost.StartAsync();
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(host.Address);
        await using OpsMemory memory = new();
        await memory.ExerciseAsync();
        (await prometheus.FiringAsync()).Should().NotContain(["StoreWriteErrors", "StoreUnwritable", "EmbeddingBacklogGrowing", "BackupTooOld"]);

        memory.Model.IsAway = true;
        await FireAsync(prometheus, "EmbeddingBacklogGrowing", async () =>
        {
            await memory.ImportAsync(40);
            await memory.Upkeep.RunAsync();
        });

        await FireAsync(prometheus, "StoreWriteErrors", async () =>
        {
            (await memory.TryWriteAsync()).Should().BeTrue();
            memory.Break(true);
            (await memory.TryWriteAsync()).Should().BeFalse();
            memory.Break(false);
        });

        memory.Break(true);
        await FireAsync(prometheus, "StoreUnwritable", async () => (await memory.TryWriteAsync()).Should().BeFalse());
        memory.Break(false);

        await using OpsMemory forgotten = new(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-27)));
        await forgotten.BackUpAsync();
        await FireAsync(prometheus, "BackupTooOld", static () => Task.CompletedTask);
    }

    /// <summary>
    /// More searches than two processors can bear, over vectors without any structure: they take long, so the index moves to a graph early, and a graph misses many of the
    /// neighbours that in such data are hardly nearer than all others.
    /// </summary>
    [Fact]
    public async Task OverloadOfAMemory_FiresSearchLatencyAndRecallCanaryLow()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ALERTS_LONG") is "1", "This keeps every processor busy for a minute or two: eng/alerts runs it.");
        Tool.Need("prometheus");
        const int Dimensions = 512;
        await using OpsHost host = await OpsHost.StartAsync();
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(host.Address);
        await using OpsMemory memory = new();
        Random random = new(7);
        for (int i = 0; i < 200; i++)
        {
            await memory.Store.ExecuteAsync(new MemoryTransaction(OpsMemory.Scope, [.. Enumerable.Range(0, 100).Select(n => new MemoryUpsert(new MemoryRecord
            {
                Id = $"{i}-{n}", Text = Words(), Vector = Vector(), VectorSpace = "noise",
            }))]));
        }

        bool stop = false;
        List<Thread> searchers = [];
        int rounds = 0;
        try
        {
            await FireAsync(prometheus, "SearchLatency", () =>
            {
                if (rounds++ % 20 == 0 && searchers.Count < 512)
                {
                    Start(64);
                }

                return Task.CompletedTask;
            });
            await memory.TryWriteAsync("noise", Vector()); // the index considers with each change whether it is still the right one
        }
        finally
        {
            Volatile.Write(ref stop, true);
            searchers.ForEach(static s => s.Join());
        }

        await FireAsync(prometheus, "RecallCanaryLow", async () =>
        {
            for (int i = 0; i < 64; i++)
            {
                await memory.Store.SearchAsync(OpsMemory.Scope, Query());
            }
        });

        void Start(int count)
        {
            for (int i = 0; i < count; i++)
            {
                MemoryQuery query = Query();
                Thread searcher = new(() =>
                {
                    while (!Volatile.Read(ref stop))
                    {
                        memory.Store.SearchAsync(OpsMemory.Scope, query).AsTask().GetAwaiter().GetResult();
                    }
                });
                searchers.Add(searcher);
                searcher.Start();
            }
        }

        MemoryQuery Query() => new() { Text = Words(), Vector = Vector(), VectorSpace = "noise", Top = 20 };

        string Words() => string.Join(' ', Enumerable.Range(0, 30).Select(_ => $"word{random.Next(500)}"));

        float[] Vector() => [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    private async Task FireAsync(PrometheusServer prometheus, string alert, Func<Task> fault)
    {
        await prometheus.UntilAsync(
            async () =>
            {
                await fault();
                return (await prometheus.FiringAsync()).Contains(alert);
            },
            () => $"{alert} fires");
        output.WriteLine($"{alert} fired");
    }
}
