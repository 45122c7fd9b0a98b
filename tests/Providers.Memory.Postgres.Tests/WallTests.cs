using Npgsql;

namespace Providers.Memory.Postgres.Tests;

/// <summary>Gate G11: nothing of one tenant is seen by another, through the store and, should a statement forget its scope, through row-level security.</summary>
public sealed class WallTests(PostgresServer server, ITestOutputHelper output)
{
    private readonly string _schema = PostgresServer.NewSchema();

    [Fact]
    public async Task Tables_WithoutATenant_ShowNothing()
    {
        await using PostgresMemoryStore store = server.Store(_schema);
        foreach (string tenant in (string[])["acme", "rival"])
        {
            await store.ExecuteAsync(new MemoryTransaction(new MemoryScope(tenant), [new MemoryUpsert(new MemoryRecord { Id = "x", Text = $"the secret of {tenant}", Vector = new float[] { 1, 0 }, VectorSpace = "s" })]) { IdempotencyKey = "k" });
        }

        await using NpgsqlConnection connection = new(server.Owner);
        await connection.OpenAsync();
        foreach (string table in (string[])["scope", "space", "memory", "replay"])
        {
            (await CountAsync(connection, null, $"SELECT count(*) FROM {_schema}.{table}")).Should().Be(0, table);
            (await CountAsync(connection, "acme", $"SELECT count(*) FROM {_schema}.{table}")).Should().Be(1, table);
            (await CountAsync(connection, "acme", $"SELECT count(*) FROM {_schema}.{table} WHERE tenant = 'rival'")).Should().Be(0, table);
            ((long)(await server.SqlAsync($"SELECT count(*) FROM {_schema}.{table}"))!).Should().Be(2, "a superuser sees them all: {0}", table);
        }

        (await CountAsync(connection, "acme", $"WITH gone AS (DELETE FROM {_schema}.memory RETURNING 1) SELECT count(*) FROM gone")).Should().Be(1);
        (await store.GetAsync(new MemoryScope("rival"), "x")).Should().NotBeNull();
        await FluentActions.Awaiting(() => CountAsync(connection, "acme", $"WITH put AS (UPDATE {_schema}.memory SET tenant = 'rival' RETURNING 1) SELECT count(*) FROM put")).Should().ThrowAsync<PostgresException>().WithMessage("*row-level security*");
        await FluentActions.Awaiting(() => CountAsync(connection, "acme", $"WITH put AS (INSERT INTO {_schema}.scope (tenant, namespace) VALUES ('rival', 'new') RETURNING 1) SELECT count(*) FROM put"))
            .Should().ThrowAsync<PostgresException>().WithMessage("*row-level security*");
    }

    [Fact]
    public async Task Words_OfAllTenants_AreHashesOfTheirOwn()
    {
        await using PostgresMemoryStore store = server.Store(_schema);
        foreach (string tenant in (string[])["acme", "rival"])
        {
            await store.ExecuteAsync(new MemoryTransaction(new MemoryScope(tenant), [new MemoryUpsert(new MemoryRecord { Id = "x", Text = "xylophone", Tags = ["quarantine"] })]));
        }

        ((long)(await server.SqlAsync($"SELECT count(*) FROM {_schema}.words WHERE words::text ~ 'xylo|quara'"))!).Should().Be(0);
        ((long)(await server.SqlAsync($"SELECT count(*) FROM (SELECT 1 FROM {_schema}.words, unnest(hashes) AS u(hash) GROUP BY hash HAVING count(*) > 1) AS shared"))!).Should().Be(0, "no two tenants share a term");
    }

    [Fact]
    public async Task Operations_OfManyTenants_NeverCross()
    {
        const int rounds = 850, each = 100;
        MemoryScope[] scopes = [new("acme", "a"), new("acme", "b"), new("rival", "a"), new("third", "a")];
        await using PostgresMemoryStore store = server.Store(_schema);
        Random random = new(7);
        int operations = 0, crossed = 0;
        for (int round = 0; round < rounds; round++)
        {
            MemoryScope scope = scopes[random.Next(scopes.Length)];
            string mark = scope.ToString();
            MemoryOperation[] changes =
            [
                .. Enumerable.Range(0, 200).OrderBy(_ => random.Next()).Take(each).Select(i => random.Next(4) == 0
                    ? (MemoryOperation)new MemoryDelete($"id{i}")
                    : new MemoryUpsert(new MemoryRecord { Id = $"id{i}", Text = $"note of {mark} about rain", Tags = ["t"], Vector = new[] { 1f, random.NextSingle() }, VectorSpace = "s" })),
            ];
            await store.ExecuteAsync(new MemoryTransaction(scope, changes));
            operations += changes.Length;
            List<MemoryRecord> seen = random.Next(3) switch
            {
                0 => [.. (await store.SearchAsync(scope, new MemoryQuery { Text = "rain", Vector = new[] { 1f, 0 }, VectorSpace = "s", Top = 50, Filter = random.Next(2) == 0 ? null : new MemoryFilter { TagsAll = ["t"] } })).Select(static m => m.Record)],
                1 => [.. (await store.ListAsync(scope, new MemoryListOptions { Limit = 60 })).Records],
                _ => await store.GetAsync(scope, $"id{random.Next(200)}") is { } one ? [one] : [],
            };
            operations += Math.Max(1, seen.Count);
            crossed += seen.Count(r => !r.Text.Contains($"of {mark} ", StringComparison.Ordinal));
        }

        output.WriteLine($"{operations} operations over {scopes.Length} scopes of 3 tenants, {crossed} rows crossed");
        crossed.Should().Be(0, "seed 7");
        operations.Should().BeGreaterThan(100_000);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string? tenant, string sql)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        if (tenant is not null)
        {
            await using NpgsqlCommand set = new("SELECT set_config('providers.tenant', $1, true)", connection) { Parameters = { new NpgsqlParameter { Value = tenant } } };
            await set.ExecuteScalarAsync();
        }

        await using NpgsqlCommand command = new(sql, connection);
        long count = (long)(await command.ExecuteScalarAsync())!;
        await transaction.RollbackAsync();
        return count;
    }
}
