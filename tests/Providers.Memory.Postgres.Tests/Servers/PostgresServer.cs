using Npgsql;

[assembly: AssemblyFixture(typeof(Providers.Memory.Postgres.Tests.PostgresServer))]

namespace Providers.Memory.Postgres.Tests;

/// <summary>The PostgreSQL that the tests of this assembly share; each test has a schema of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static int s_schemas;
    private Cluster? _cluster;

    public string Owner => Here.Owner;

    public string Superuser => Here.Superuser;

    private Cluster Here
    {
        get
        {
            Assert.SkipWhen(Cluster.Missing is not null, Cluster.Missing ?? "");
            return _cluster!;
        }
    }

    public static string NewSchema() => $"t{Interlocked.Increment(ref s_schemas)}";

    public async ValueTask InitializeAsync() => _cluster = Cluster.Missing is null ? await Cluster.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>A store with a schema, by the role that row-level security holds for.</summary>
    public PostgresMemoryStore Store(string schema, TimeProvider? clock = null, Action<PostgresMemoryOptions>? configure = null)
    {
        PostgresMemoryOptions options = new() { ConnectionString = Owner, Schema = schema };
        configure?.Invoke(options);
        return new PostgresMemoryStore(options, null, clock);
    }

    /// <summary>Runs a statement as superuser and gives the first value.</summary>
    public Task<object?> SqlAsync(string text) => SqlAsync(Superuser, text);

    internal static async Task<object?> SqlAsync(string connectionString, string text)
    {
        await using NpgsqlConnection connection = new(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(text, connection);
        return await command.ExecuteScalarAsync();
    }
}
