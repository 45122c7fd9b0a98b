using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Providers.Memory.Sqlite;

/// <summary>The writer's statements, prepared once. Not safe for concurrent use. Parameters are <c>$1</c>, <c>$2</c>, ... in order.</summary>
internal sealed class Statements(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    /// <summary>Gets or sets what is told of each statement before it runs; what it throws is as if the statement had failed. For tests of failing disks.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Gets the connection, for statements that are put together for one use.</summary>
    public SqliteConnection Connection => connection;

    public long LastRow => raw.sqlite3_last_insert_rowid(connection.Handle!);

    public int Run(string sql, params ReadOnlySpan<object?> values) => Bound(sql, values).ExecuteNonQuery();

    /// <summary>Gets the first column of the first row; the default where there is none, or it is null.</summary>
    public T? Scalar<T>(string sql, params ReadOnlySpan<object?> values) => Bound(sql, values).ExecuteScalar() is T value ? value : default;

    /// <summary>Reads rows; dispose the reader before the same statement runs again.</summary>
    public SqliteDataReader Read(string sql, params ReadOnlySpan<object?> values) => Bound(sql, values).ExecuteReader();

    public void Dispose()
    {
        foreach (SqliteCommand command in _prepared.Values)
        {
            command.Dispose();
        }
    }

    private SqliteCommand Bound(string sql, ReadOnlySpan<object?> values)
    {
        Before?.Invoke(sql);
        if (!_prepared.TryGetValue(sql, out SqliteCommand? command))
        {
            _prepared[sql] = command = connection.Command(sql, values);
            return command;
        }

        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }
}
