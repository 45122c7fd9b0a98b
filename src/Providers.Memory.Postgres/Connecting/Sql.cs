using System.Data;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Statements sent together, and so in one transaction. Parameters are <c>$1</c>, <c>$2</c>, ... of each statement; values go only that way.</summary>
internal sealed class Sql(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = connection.CreateBatch();
    private int _settings;

    public Sql Add(string text, params ReadOnlySpan<object?> values)
    {
#pragma warning disable CA2100 // every text is a constant or put together from constants, checked names and numbers
        NpgsqlBatchCommand command = new(text);
#pragma warning restore CA2100
        foreach (object? value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        _batch.BatchCommands.Add(command);
        return this;
    }

    /// <summary>Names the tenant of the transaction, without whom there are no rows. Before anything else that gives rows.</summary>
    public Sql Tenant(string tenant) => Setting("providers.tenant", tenant);

    /// <summary>A setting of this transaction alone. Before anything else that gives rows.</summary>
    public Sql Setting(string name, string value)
    {
        _settings++;
        return Add("SELECT set_config($1, $2, true)", name, value);
    }

    /// <summary>Runs the statements; the reader stands before the rows of the first one that is no setting.</summary>
    public async Task<NpgsqlDataReader> ReadAsync(CancellationToken cancellationToken, CommandBehavior behavior = CommandBehavior.Default)
    {
        NpgsqlDataReader reader = await _batch.ExecuteReaderAsync(behavior, cancellationToken).ConfigureAwait(false);
        for (; _settings > 0; _settings--)
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        return reader;
    }

    /// <summary>Runs the statements.</summary>
    /// <returns>How many rows were changed in all.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken) => await _batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Runs the statements and gets the first value of the first one that is no setting; the default where there is none, or it is null.</summary>
    public async Task<T?> ScalarAsync<T>(CancellationToken cancellationToken)
    {
        NpgsqlDataReader reader = await ReadAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) && !reader.IsDBNull(0) ? reader.GetFieldValue<T>(0) : default;
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
