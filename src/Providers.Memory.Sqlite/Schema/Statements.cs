using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Providers.Memory.Sqlite;

/// <summary>A connection and its statements, each prepared once. Not safe for concurrent use. Parameters are <c>?1</c>, <c>?2</c>, ... by their number.</summary>
internal sealed class Statements(SqliteConnection connection) : IDisposable
{
    private const int Most = 256; // filters make statements of many shapes
    private readonly Dictionary<string, Statement> _prepared = new(StringComparer.Ordinal);

    /// <summary>Gets or sets what is told of each statement before it runs; what it throws is as if the statement had failed. For tests of failing disks.</summary>
    public Action<string>? Before { get; set; }

    public SqliteConnection Connection => connection;

    /// <summary>Gets how many statements are kept.</summary>
    public int Kept => _prepared.Count;

    public long LastRow => raw.sqlite3_last_insert_rowid(connection.Handle!);

    /// <summary>Gets how many rows this connection has changed so far.</summary>
    public int Changes => raw.sqlite3_total_changes(connection.Handle!);

    /// <summary>Gets whether a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(connection.Handle!) == 0;

    /// <summary>Runs a statement to its end.</summary>
    /// <returns>How many rows it inserted, changed or deleted.</returns>
    public int Run(string sql, params ReadOnlySpan<object?> values)
    {
        using Rows rows = Read(sql, values);
        while (rows.Read())
        {
        }

        return raw.sqlite3_changes(connection.Handle!);
    }

    /// <summary>Gets the first column of the first row; the default where there is none, or it is null.</summary>
    public T? Scalar<T>(string sql, params ReadOnlySpan<object?> values)
    {
        using Rows rows = Read(sql, values);
        return rows.Read() && rows.Value(0) is T value ? value : default;
    }

    public List<long> Numbers(string sql, params ReadOnlySpan<object?> values)
    {
        using Rows rows = Read(sql, values);
        List<long> numbers = [];
        while (rows.Read())
        {
            numbers.Add(rows.Int64(0));
        }

        return numbers;
    }

    /// <summary>Reads memories; the statement selects <see cref="RecordRow.Columns"/>.</summary>
    public List<(long Row, MemoryRecord Record)> Records(string sql, params ReadOnlySpan<object?> values)
    {
        using Rows rows = Read(sql, values);
        List<(long, MemoryRecord)> found = [];
        while (rows.Read())
        {
            found.Add(RecordRow.Read(rows));
        }

        return found;
    }

    /// <summary>The number of a scope; <see langword="null"/>: nothing was ever written there.</summary>
    public long? ScopeOf(MemoryScope scope) => Scalar<object>("SELECT number FROM scope WHERE tenant = ?1 AND namespace = ?2", scope.Tenant, scope.Namespace) as long?;

    /// <summary>Begins to read rows.</summary>
    public Rows Read(string sql, params ReadOnlySpan<object?> values)
    {
        Before?.Invoke(sql);
        bool kept = !_prepared.TryGetValue(sql, out Statement? statement) || !statement.InUse; // one whose rows are being read cannot run beside itself
        if (statement is null || !kept)
        {
            statement = new Statement(connection.Handle!, sql);
            if (kept)
            {
                Keep(sql, statement);
            }
        }

        statement.InUse = true;
        Rows rows = new(statement, kept);
        try
        {
            statement.Bind(values);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (Statement statement in _prepared.Values)
        {
            statement.Dispose();
        }

        connection.Dispose();
    }

    private void Keep(string sql, Statement statement)
    {
        if (_prepared.Count >= Most)
        {
            foreach ((string text, Statement idle) in _prepared.Where(static p => !p.Value.InUse).ToArray())
            {
                idle.Dispose();
                _prepared.Remove(text);
            }
        }

        _prepared[sql] = statement;
    }
}
