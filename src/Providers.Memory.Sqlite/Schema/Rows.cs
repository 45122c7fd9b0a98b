using System.Text;
using SQLitePCL;

namespace Providers.Memory.Sqlite;

/// <summary>The rows of a statement that runs, one at a time; dispose it before the connection is given back.</summary>
/// <param name="statement">The statement.</param>
/// <param name="kept">Whether the statement is kept for the next time.</param>
internal readonly struct Rows(Statement statement, bool kept) : IDisposable
{
    public bool Read() => statement.Step();

    public bool IsNull(int column) => raw.sqlite3_column_type(statement.Handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(statement.Handle, column);

    public int Int32(int column) => raw.sqlite3_column_int(statement.Handle, column);

    public double Double(int column) => raw.sqlite3_column_double(statement.Handle, column);

    /// <summary>The bytes of a text or a blob, until the next row.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(statement.Handle, column);

    public string String(int column) => Encoding.UTF8.GetString(Bytes(column));

    public string? StringOrNull(int column) => IsNull(column) ? null : String(column);

    public DateTimeOffset Time(int column) => new(Int64(column), TimeSpan.Zero);

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    public object? Value(int column) => raw.sqlite3_column_type(statement.Handle, column) switch
    {
        raw.SQLITE_INTEGER => Int64(column),
        raw.SQLITE_FLOAT => Double(column),
        raw.SQLITE_TEXT => String(column),
        raw.SQLITE_BLOB => Bytes(column).ToArray(),
        _ => null,
    };

    public void Dispose()
    {
        if (kept)
        {
            statement.Reset();
        }
        else
        {
            statement.Dispose();
        }
    }
}
