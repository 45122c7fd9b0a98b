using System.Runtime.CompilerServices;
using Npgsql;

namespace Providers.Orchestration.Orleans;

/// <summary>The tables in which Orleans keeps grain state and reminders in PostgreSQL.</summary>
/// <remarks>
/// Orleans' packages do not carry them; its repository has scripts (<c>PostgreSQL-Main.sql</c>, <c>PostgreSQL-Persistence.sql</c>, <c>PostgreSQL-Reminders.sql</c> below
/// <c>src/AdoNet</c>). What is made here has the same names and serves Orleans' providers in the same way, for other grains too; it adds a key that makes a second
/// first write of a state impossible. Tables and queries of theirs that exist are left alone.
/// Tables of cluster membership are not among them, since the host chooses how its silos find each other.
/// </remarks>
public static class PostgresWorkflowSchema
{
    /// <summary>Makes what is missing, in the first schema of the role's search path, and leaves alone what is there. Many may do so at once.</summary>
    /// <param name="connectionString">How the server is reached, in Npgsql's words, by a role that may make tables.</param>
    /// <param name="cancellationToken">Ends the call; nothing is made then.</param>
    /// <returns>The work.</returns>
    /// <exception cref="NpgsqlException">The server cannot be reached, or refuses.</exception>
    public static async Task CreateAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        if (await MissingAsync(connectionString, cancellationToken).ConfigureAwait(false) is [])
        {
            return; // a role that may not make tables need not, then
        }

        NpgsqlDataSource server = NpgsqlDataSource.Create(connectionString);
        await using ConfiguredAsyncDisposable closing = server.ConfigureAwait(false);
        NpgsqlBatch batch = server.CreateBatch(); // one batch is one transaction
        await using ConfiguredAsyncDisposable disposing = batch.ConfigureAwait(false);
        foreach (string statement in SchemaText.Tables)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        foreach ((string key, string query) in SchemaText.Queries)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            {
                Parameters = { new() { Value = key }, new() { Value = query } },
            });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a silo needs and the database has not.</summary>
    internal static async Task<IReadOnlyList<string>> MissingAsync(string connectionString, CancellationToken cancellationToken)
    {
        NpgsqlDataSource server = NpgsqlDataSource.Create(connectionString);
        await using ConfiguredAsyncDisposable closing = server.ConfigureAwait(false);
        string[] tables = ["OrleansQuery", "OrleansStorage", "OrleansRemindersTable"];
        string[] absent = await ReadAsync(server, "SELECT t FROM unnest($1::text[]) t WHERE to_regclass(t) IS NULL", tables, cancellationToken).ConfigureAwait(false);
        if (absent.Length > 0)
        {
            return [.. absent.Select(static t => $"table {t}")];
        }

        string[] keys = [.. SchemaText.Queries.Select(static q => q.Key)];
        absent = await ReadAsync(server, "SELECT k FROM unnest($1::text[]) k WHERE k NOT IN (SELECT QueryKey FROM OrleansQuery)", keys, cancellationToken).ConfigureAwait(false);
        return [.. absent.Select(static k => $"query {k}")];
    }

    private static async Task<string[]> ReadAsync(NpgsqlDataSource server, string query, string[] names, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = server.CreateCommand(query);
        await using ConfiguredAsyncDisposable disposing = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter { Value = names });
        NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = reader.ConfigureAwait(false);
        List<string> found = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(reader.GetString(0));
        }

        return [.. found];
    }
}
