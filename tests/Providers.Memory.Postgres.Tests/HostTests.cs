using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Providers.Memory.Postgres.Tests;

/// <summary>Several hosts on one memory, and one host's registration.</summary>
public sealed class HostTests(PostgresServer server)
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly string _schema = PostgresServer.NewSchema();

    [Fact]
    public async Task Hosts_ChangingTheSameMemories_LoseNoUpdate()
    {
        await using PostgresMemoryStore one = server.Store(_schema), two = server.Store(_schema);
        await one.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, 3).Select(static i => new MemoryUpsert(new MemoryRecord { Id = $"counter{i}", Text = "0" }))]));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            PostgresMemoryStore host = worker % 2 == 0 ? one : two;
            Random random = new(worker);
            for (int done = 0; done < 15;)
            {
                string[] ids = [.. Enumerable.Range(0, 3).Select(static i => $"counter{i}").OrderBy(_ => random.Next()).Take(2)]; // in any order: hosts must not wait in a circle
                MemoryRecord[] current = [(await host.GetAsync(Scope, ids[0]))!, (await host.GetAsync(Scope, ids[1]))!];
                try
                {
                    await host.ExecuteAsync(new MemoryTransaction(Scope, [.. current.Select(static c => new MemoryPatch(c.Id) { Text = (int.Parse(c.Text) + 1).ToString(), ExpectedVersion = c.Version })]));
                    done++;
                }
                catch (MemoryConflictException)
                {
                }
            }
        })));
        MemoryRecord[] after = [.. (await one.ListAsync(Scope)).Records];
        after.Sum(static r => int.Parse(r.Text)).Should().Be(8 * 15 * 2);
        after.Sum(static r => r.Version - 1).Should().Be(8 * 15 * 2);
    }

    [Fact]
    public async Task Key_Raced64WaysOverTwoHosts_HasOneEffect()
    {
        await using PostgresMemoryStore one = server.Store(_schema), two = server.Store(_schema);
        MemoryTransaction transaction = new(Scope, [new MemoryUpsert(new MemoryRecord { Text = "once" })]) { IdempotencyKey = "race" };
        MemoryTransactionResult[] results = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () => await (i % 2 == 0 ? one : two).ExecuteAsync(transaction))));
        results.Select(static r => r.Outcomes[0]).Distinct().Should().ContainSingle();
        results.Count(static r => !r.Replayed).Should().Be(1);
        (await two.GetStatsAsync(Scope)).Count.Should().Be(1);
    }

    [Fact]
    public async Task Memories_CreatedByTwoHostsAtOnce_AreOneEach()
    {
        await using PostgresMemoryStore one = server.Store(_schema), two = server.Store(_schema);
        MemoryTransactionResult[] results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () => await (i % 2 == 0 ? one : two).ExecuteAsync(
            new MemoryTransaction(Scope, [.. Enumerable.Range(0, 5).Select(n => new MemoryUpsert(new MemoryRecord { Id = $"n{(n * (i % 2 == 0 ? 1 : 4)) % 5}", Text = $"by {i}", Vector = new float[] { 1, i }, VectorSpace = "s" }))])))));
        results.SelectMany(static r => r.Outcomes).Count(static o => o.Change is MemoryChange.Created).Should().Be(5);
        (await one.ListAsync(Scope)).Records.Should().OnlyContain(static r => r.Version == 40);
    }

    [Fact]
    public async Task Cursor_OfOneHost_GoesOnAtAnother()
    {
        await using PostgresMemoryStore one = server.Store(_schema), two = server.Store(_schema);
        await one.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, 3).Select(static i => new MemoryUpsert(new MemoryRecord { Id = $"n{i}", Text = "t" }))]));
        MemoryPage page = await one.ListAsync(Scope, new MemoryListOptions { Limit = 2 });
        (await two.ListAsync(Scope, new MemoryListOptions { Limit = 2, Cursor = page.NextCursor })).Records.Should().ContainSingle().Which.Id.Should().Be("n2");
    }

    [Fact]
    public async Task AddPostgresMemory_InAHost_RemembersThroughTheService()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(server.Owner);
        await using ServiceProvider services = new ServiceCollection().AddPostgresMemory("", o => (o.DataSource, o.Schema) = (source, _schema)).BuildServiceProvider();
        IMemoryService memory = services.GetRequiredService<IMemoryService>();
        await memory.StoreAsync(Scope, new MemoryRecord { Text = "The ferry to Moss leaves at nine" });
        (await memory.SearchAsync(Scope, new MemoryQuery { Text = "When is the ferry?" })).Should().ContainSingle();
        services.GetRequiredService<IMemoryStore>().Should().BeOfType<PostgresMemoryStore>();
        FluentActions.Invoking(() => new ServiceCollection().AddPostgresMemory("")).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task AddPostgresMemory_UnderEncryption_TakesTheLargestMemoryThereMayBe()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(server.Owner);
        string key = "k:" + Convert.ToBase64String(new byte[32]);
        await using ServiceProvider services = new ServiceCollection()
            .AddPostgresMemory("", o => (o.DataSource, o.Schema) = (source, _schema)).AddMemoryEncryption(_ => LocalKeyProvider.Parse(key)).BuildServiceProvider();
        IMemoryService memory = services.GetRequiredService<IMemoryService>();
        string text = string.Join(' ', Enumerable.Repeat("o", 32_768));
        MemoryReceipt receipt = await memory.StoreAsync(Scope, new MemoryRecord { Text = text });
        (await memory.Store.GetAsync(Scope, receipt.Id))!.Text.Should().Be(text);
    }

    [Fact]
    public async Task Store_Disposed_EndsTwiceAndLeavesAForeignDataSourceOpen()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(server.Owner);
        PostgresMemoryStore store = server.Store(_schema, null, o => o.DataSource = source);
        await store.GetStatsAsync(Scope);
        store.Dispose();
        store.Dispose();
        await using NpgsqlCommand command = source.CreateCommand("SELECT 1");
        (await command.ExecuteScalarAsync()).Should().Be(1);
    }
}
