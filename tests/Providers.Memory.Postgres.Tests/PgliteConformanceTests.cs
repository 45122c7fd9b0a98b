using Npgsql;
using Providers.Conformance;

namespace Providers.Memory.Postgres.Tests;

/// <summary>PGlite with pgvector. Making tables takes it a second, so that its tests share a schema, which each empties for itself.</summary>
[Collection(PgliteCollection.Name)]
public sealed class PgliteConformanceTests(PgliteServer server) : StoreConformance
{
    private bool _emptied;

    protected override bool IsDurable => true;

    /// <summary>All share PGlite's one session: PostgreSQL itself takes the whole number.</summary>
    protected override int IsolationOperations => 4_000;

    protected override async ValueTask<IMemoryStore> OpenAsync(TimeProvider clock)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PGLITE") == "1", "The whole suite over PGlite takes many minutes: eng/pglite runs it.");
        PostgresMemoryStore store = server.Store("conformance", clock, o => (o.Vectors, o.DataSource) = (PostgresVectors.Pgvector, server.DataSource));
        if (!_emptied)
        {
            await store.CheckAsync();
            await using NpgsqlCommand command = server.DataSource.CreateCommand("TRUNCATE conformance.memory, conformance.words, conformance.history, conformance.link, conformance.replay, conformance.scope, conformance.space RESTART IDENTITY");
            await command.ExecuteNonQueryAsync();
            _emptied = true;
        }

        return store;
    }

    protected override async ValueTask CloseAsync(IMemoryStore store) => await ((PostgresMemoryStore)store).DisposeAsync();
}
