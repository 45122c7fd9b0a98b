using System.Collections.Concurrent;

namespace Providers.Memory.Postgres.Tests;

/// <summary>Gates G8 and G9: the postmaster dies by kill -9 while hosts write; what was acknowledged is there, once, and whole.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly MemoryScope Scope = new("acme");

    [Fact]
    public async Task Server_KilledWhileHostsWrite_LosesNothingItAcknowledged()
    {
        Assert.SkipWhen(Cluster.Missing is not null, Cluster.Missing ?? "");
        int rounds = Environment.GetEnvironmentVariable("MEMORY_KILLS") is { Length: > 0 } many ? int.Parse(many) : 20;
        await using Cluster cluster = await Cluster.StartAsync();
        await using PostgresMemoryStore one = Store(cluster), two = Store(cluster);
        ConcurrentBag<int> acknowledged = [];
        int next = 0, replayed = 0, unknown = 0;
        for (int round = 0; round < rounds; round++)
        {
            using CancellationTokenSource stop = new();
            TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
            int goal = acknowledged.Count + new Random(round).Next(10, 60);
            Task[] writers = [.. Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
            {
                PostgresMemoryStore host = worker % 2 == 0 ? one : two;
                while (!stop.IsCancellationRequested)
                {
                    int number = Interlocked.Increment(ref next);
                    MemoryTransaction transaction = new(Scope, [Note('a', number), Note('b', number)]) { IdempotencyKey = worker < 4 ? $"key{number}" : null };
                    try
                    {
                        MemoryTransactionResult result = await host.ExecuteAsync(transaction);
                        _ = result.Replayed ? Interlocked.Increment(ref replayed) : 0;
                        result.Outcomes.Should().OnlyContain(static o => o.Change == MemoryChange.Created);
                        acknowledged.Add(number);
                    }
                    catch (MemoryUnavailableException e) when (e.OutcomeUnknown && worker >= 4)
                    {
                        Interlocked.Increment(ref unknown); // without a key it may or may not be there, but whole
                    }

                    if (acknowledged.Count >= goal)
                    {
                        enough.TrySetResult();
                    }
                }
            }))];
            Task first = await Task.WhenAny([enough.Task, .. writers]);
            await first; // a writer that ended by itself failed
            await cluster.KillAsync();
            await cluster.UpAsync();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            await CheckAsync(one, acknowledged, next, round);
        }

        acknowledged.Should().OnlyHaveUniqueItems();
        output.WriteLine($"{rounds} kills of the postmaster, {acknowledged.Count} acknowledged transactions of 2 hosts, none lost; {replayed} were answered by their key after a commit nobody heard of, {unknown} without a key stayed open");
    }

    private static async Task CheckAsync(PostgresMemoryStore store, IEnumerable<int> acknowledged, int last, int round)
    {
        HashSet<string> there = [];
        string? cursor = null;
        do
        {
            MemoryPage page = await store.ListAsync(Scope, new MemoryListOptions { Limit = 200, Cursor = cursor });
            page.Records.Should().OnlyContain(static r => r.Version == 1, "round {0}: nothing happened twice", round);
            there.UnionWith(page.Records.Select(static r => r.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        acknowledged.Where(n => !there.Contains($"a{n}") || !there.Contains($"b{n}")).Should().BeEmpty("round {0}: they were acknowledged", round);
        Enumerable.Range(1, last).Where(n => there.Contains($"a{n}") != there.Contains($"b{n}")).Should().BeEmpty("round {0}: each pair is one transaction", round);
        (await store.SearchAsync(Scope, new MemoryQuery { Text = "text", Top = 200 })).Count.Should().Be(Math.Min(200, there.Count));
    }

    private static PostgresMemoryStore Store(Cluster cluster) => new(new PostgresMemoryOptions { ConnectionString = cluster.Owner, RetryFor = TimeSpan.FromMinutes(8) });

    private static MemoryUpsert Note(char letter, int number) => new(new MemoryRecord { Id = $"{letter}{number}", Text = $"text {number}", Vector = new[] { 1f, number }, VectorSpace = "s" });
}
