using Npgsql;

namespace Providers.Memory.Postgres.Tests;

/// <summary>The PGlite that a collection of tests shares, one test at a time.</summary>
public sealed class PgliteServer : IAsyncLifetime
{
    private Pglite? _server;
    private NpgsqlDataSource? _source;

    /// <summary>Gets a data source that tests share, as a host would give one.</summary>
    public NpgsqlDataSource DataSource
    {
        get
        {
            if (_source is null)
            {
                NpgsqlDataSourceBuilder builder = new(ConnectionString);
                builder.UseVector();
                _source = builder.Build();
            }

            return _source;
        }
    }

    public string ConnectionString
    {
        get
        {
            Assert.SkipWhen(Pglite.Missing is not null, Pglite.Missing ?? "");
            return _server!.ConnectionString;
        }
    }

    public async ValueTask InitializeAsync() => _server = Pglite.Missing is null ? await Pglite.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public PostgresMemoryStore Store(string schema, TimeProvider? clock = null, Action<PostgresMemoryOptions>? configure = null)
    {
        PostgresMemoryOptions options = new() { ConnectionString = ConnectionString, Schema = schema };
        configure?.Invoke(options);
        return new PostgresMemoryStore(options, null, clock);
    }
}

/// <summary>Everything that runs on the one session of PGlite, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PgliteCollection : ICollectionFixture<PgliteServer>
{
    public const string Name = "pglite";
}
