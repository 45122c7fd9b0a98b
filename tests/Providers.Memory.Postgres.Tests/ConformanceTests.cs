using Providers.Conformance;

namespace Providers.Memory.Postgres.Tests;

/// <summary>PostgreSQL 15 without an extension: vectors as bytes, compared one by one; row-level security in force.</summary>
public sealed class PostgresConformanceTests(PostgresServer server) : StoreConformance
{
    private readonly string _schema = PostgresServer.NewSchema();

    protected override bool IsDurable => true;

    protected override ValueTask<IMemoryStore> OpenAsync(TimeProvider clock) => new(server.Store(_schema, clock));

    protected override async ValueTask CloseAsync(IMemoryStore store) => await ((PostgresMemoryStore)store).DisposeAsync();
}
