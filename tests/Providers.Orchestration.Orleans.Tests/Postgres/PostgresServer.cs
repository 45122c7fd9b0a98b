using Npgsql;
using Server = Providers.Memory.Postgres.Tests.Cluster;

[assembly: AssemblyFixture(typeof(Providers.Orchestration.Orleans.Tests.PostgresServer))]

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>The PostgreSQL that the tests of this assembly share; each test has a database of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static int s_databases;
    private Server? _server;

    public async ValueTask InitializeAsync() => _server = Server.Missing is null ? await Server.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>Makes a database and gives the way to it; skips the test where there is no PostgreSQL.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        Assert.SkipWhen(Server.Missing is not null, Server.Missing ?? "");
        string name = $"workflows{Interlocked.Increment(ref s_databases)}";
        await SqlAsync(_server!.Superuser, $"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(_server.Superuser) { Database = name, MaxPoolSize = 10 }.ConnectionString;
    }

    internal static async Task<object?> SqlAsync(string connectionString, string text)
    {
        await using NpgsqlConnection connection = new(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(text, connection);
        return await command.ExecuteScalarAsync();
    }
}
