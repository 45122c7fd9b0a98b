using Npgsql;

namespace Providers.Memory.Postgres.Tests;

/// <summary>The first call: tables are made once, whoever comes, and what cannot be opened says why and is left as it is.</summary>
public sealed class OpeningTests(PostgresServer server)
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly string _schema = PostgresServer.NewSchema();

    [Fact]
    public async Task Hosts_StartingAtOnce_MakeTheTablesOnce()
    {
        PostgresMemoryStore[] hosts = [.. Enumerable.Range(0, 8).Select(_ => server.Store(_schema))];
        await Task.WhenAll(hosts.Select((host, i) => Task.Run(async () => await host.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = $"from{i}", Text = "here" })])))));
        (await hosts[0].GetStatsAsync(Scope)).Count.Should().Be(8);
        foreach (PostgresMemoryStore host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Tables_OfANewerVersion_AreRefusedAndLeftAsTheyAre()
    {
        await using (PostgresMemoryStore first = server.Store(_schema))
        {
            await first.GetStatsAsync(Scope);
        }

        await server.SqlAsync($"UPDATE {_schema}.meta SET value = '\\x63000000' WHERE name = 'version'");
        await using PostgresMemoryStore store = server.Store(_schema);
        await FluentActions.Awaiting(() => store.GetStatsAsync(Scope).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*version 99*newer*");
        (await server.SqlAsync($"SELECT count(*) FROM {_schema}.memory")).Should().Be(0L);
    }

    [Fact]
    public async Task Tables_OfTheFirstVersion_AreBroughtUpWithAllTheyHold()
    {
        string old = PostgresServer.NewSchema();
        string[] ids = [.. Enumerable.Range(0, 50).Select(static i => $"n{i}")];
        await using (PostgresMemoryStore now = server.Store(_schema))
        {
            await now.ExecuteAsync(new MemoryTransaction(Scope, [.. ids.Select(static (id, i) => new MemoryUpsert(new MemoryRecord { Id = id, Text = $"rain in town {i}{string.Concat(Enumerable.Repeat(" wet", i % 30))}", Tags = [$"t{i % 2}"], Vector = new float[] { 1, i }, VectorSpace = "s" }))]));
        }

        // The tables as the first version made them, with the rows of these.
        await server.SqlAsync($"CREATE SCHEMA {old}; ALTER SCHEMA {old} OWNER TO {Cluster.Role}; SET ROLE {Cluster.Role}; {Migrations.Steps($"\"{old}\".", false, "")[0]}");
        foreach (string table in (string[])["meta", "scope", "space", "memory"])
        {
            await server.SqlAsync($"INSERT INTO {old}.{table} OVERRIDING SYSTEM VALUE SELECT * FROM {_schema}.{table}");
        }

        await server.SqlAsync($"INSERT INTO {old}.words VALUES {await WordsAsync(_schema, static (row, scope, length, terms) => $"({row}, {scope}, {length}, '{string.Join(' ', terms.Select(static t => FirstVersion(t.Hash, t.Times)))}')")}");
        await server.SqlAsync($"UPDATE {old}.meta SET value = '\\x01000000' WHERE name = 'version'; SELECT setval('{old}.memory_row_seq', 1000), setval('{old}.scope_number_seq', 1000), setval('{old}.space_number_seq', 1000)");
        await using PostgresMemoryStore store = server.Store(old);
        await store.GetStatsAsync(Scope);
        static string Sorted(long row, long scope, int length, IEnumerable<(long Hash, byte Times)> terms) => $"{row} {scope} {length} {string.Join(' ', terms.Order())}";
        (await WordsAsync(old, Sorted)).Should().Be(await WordsAsync(_schema, Sorted));
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "town 7" }))[0].Record.Id.Should().Be("n7");
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s", Filter = new MemoryFilter { TagsAll = ["t1"] } }))[0].Record.Id.Should().Be("n1");
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryDelete("n1"), new MemoryPatch("n2") { Text = "sun" }, new MemoryUpsert(new MemoryRecord { Id = "new", Text = "sun" })]));
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "sun" })).Select(static m => m.Record.Id).Should().BeEquivalentTo("n2", "new");
        (await server.SqlAsync($"SELECT count(*) FROM {old}.words")).Should().Be(50L);
        foreach (string schema in (string[])[old, _schema])
        {
            (await server.SqlAsync($"SELECT get_byte(value, 0) FROM {schema}.meta WHERE name = 'version'")).Should().Be(Migrations.Latest);
        }

        string indexes = "SELECT string_agg(replace(indexdef, schemaname || '.', ''), E'\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = ";
        (await server.SqlAsync($"{indexes} '{old}'")).Should().Be(await server.SqlAsync($"{indexes} '{_schema}'"));
    }

    /// <summary>The table of words, each row as asked for, in order.</summary>
    private async Task<string> WordsAsync(string schema, Func<long, long, int, IEnumerable<(long Hash, byte Times)>, string> write)
    {
        List<string> rows = [];
        await using NpgsqlConnection connection = new(server.Superuser);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new($"SELECT row, scope, length, hashes, times FROM {schema}.words ORDER BY row", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(write(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2), reader.GetFieldValue<long[]>(3).Zip(reader.GetFieldValue<byte[]>(4))));
        }

        return string.Join(',', rows);
    }

    /// <summary>A term as the first version wrote it: 13 letters of five bits each, with a position for each time where there are several, up to 32.</summary>
    private static string FirstVersion(long hash, byte times) =>
        string.Concat(Enumerable.Range(0, 13).Select(i => "0123456789abcdefghijklmnopqrstuv"[(int)(((ulong)hash >> (5 * i)) & 31)])) + (times == 1 ? "" : $":{string.Join(',', Enumerable.Range(1, Math.Min((int)times, 32)))}");

    [Fact]
    public async Task Tables_WithoutTheirKeys_AreRefused()
    {
        await using (PostgresMemoryStore first = server.Store(_schema))
        {
            await first.GetStatsAsync(Scope);
        }

        await server.SqlAsync($"DELETE FROM {_schema}.meta WHERE name = 'term_key'");
        await using PostgresMemoryStore store = server.Store(_schema);
        await FluentActions.Awaiting(() => store.GetStatsAsync(Scope).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*term_key*");
    }

    [Fact]
    public async Task Pgvector_AskedForButNotThere_IsRefused()
    {
        await using PostgresMemoryStore store = server.Store(_schema, null, static o => o.Vectors = PostgresVectors.Pgvector);
        await FluentActions.Awaiting(() => store.GetStatsAsync(Scope).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*pgvector*");
        await using (PostgresMemoryStore exact = server.Store(_schema))
        {
            await exact.GetStatsAsync(Scope);
        }

        await using PostgresMemoryStore again = server.Store(_schema, null, static o => o.Vectors = PostgresVectors.Pgvector);
        await FluentActions.Awaiting(() => again.GetStatsAsync(Scope).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*ReindexAsync*");
    }

    [Fact]
    public async Task Reindex_WithoutPgvector_ChangesNothing()
    {
        await using PostgresMemoryStore store = server.Store(_schema);
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "a", Text = "a", Vector = new float[] { 1, 0 }, VectorSpace = "s" })]));
        await store.ReindexAsync();
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().ContainSingle();
    }

    [Fact]
    public async Task Tables_MadeAnewUnderARunningHost_AreFoundAgain()
    {
        await using PostgresMemoryStore store = server.Store(_schema);
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "a", Text = "a" })]));
        await server.SqlAsync($"DROP SCHEMA {_schema} CASCADE");
        (await store.GetAsync(Scope, "a")).Should().BeNull();
        (await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "b", Text = "b" })]))).Outcomes[0].Version.Should().Be(1);
        (await store.GetAsync(Scope, "b")).Should().NotBeNull();
        (await store.SearchAsync(Scope, new MemoryQuery { Text = "b" })).Should().ContainSingle();
    }

    [Fact]
    public async Task Role_WithoutRights_IsToldWhatToGrant()
    {
        await using (PostgresMemoryStore owner = server.Store(_schema))
        {
            await owner.GetStatsAsync(Scope);
        }

        await using PostgresMemoryStore store = server.Store(_schema, null, o => o.ConnectionString = server.Owner.Replace(Cluster.Role, "stranger", StringComparison.Ordinal));
        MemoryUnavailableException e = (await FluentActions.Awaiting(() => store.GetStatsAsync(Scope).AsTask()).Should().ThrowAsync<MemoryUnavailableException>().WithMessage("*does not allow*grant*")).Which;
        e.OutcomeUnknown.Should().BeFalse();
        foreach (string grant in (string[])[$"GRANT USAGE ON SCHEMA {_schema} TO stranger", $"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {_schema} TO stranger"])
        {
            await server.SqlAsync(grant);
        }

        (await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "a", Text = "a" })]))).Outcomes[0].Version.Should().Be(1, "a role that owns nothing may keep memories");
    }

    [Theory]
    [InlineData("", "memory", 10, 10, "ConnectionString")]
    [InlineData("Host=x", "", 10, 10, "Schema")]
    [InlineData("Host=x", "1a", 10, 10, "Schema")]
    [InlineData("Host=x", "a\"; drop", 10, 10, "Schema")]
    [InlineData("Host=x", "memory", 0, 10, "IndexFrom")]
    [InlineData("Host=x", "memory", 10, -1, "RetryFor")]
    [InlineData("Host=x", "memory", 10, 700, "RetryFor")]
    public void Options_OutOfRange_AreRefusedByName(string connection, string schema, int indexFrom, int retrySeconds, string name)
    {
        PostgresMemoryOptions options = new() { ConnectionString = connection, Schema = schema, IndexFrom = indexFrom, RetryFor = TimeSpan.FromSeconds(retrySeconds) };
        FluentActions.Invoking(() => new PostgresMemoryStore(options)).Should().Throw<ArgumentException>().WithMessage($"*{name}*");
    }

    [Fact]
    public void Options_WithVectorsOfNoKind_AreRefused() =>
        FluentActions.Invoking(() => new PostgresMemoryStore(new PostgresMemoryOptions { ConnectionString = "Host=x", Vectors = (PostgresVectors)9 })).Should().Throw<ArgumentException>().WithMessage("*Vectors*");
}
