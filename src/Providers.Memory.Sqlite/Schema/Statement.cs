using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Providers.Memory.Sqlite;

/// <summary>One prepared statement of one connection. Not safe for concurrent use. Parameters are <c>?1</c>, <c>?2</c>, ... by their number.</summary>
/// <remarks>Beside a command of Microsoft.Data.Sqlite it looks no parameter up by name and makes no reader: half of what a short statement costs there.</remarks>
internal sealed class Statement : IDisposable
{
    private const int OnStack = 512;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _handle;

    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _handle));
    }

    /// <summary>Gets the prepared statement, to read columns of the present row.</summary>
    public sqlite3_stmt Handle => _handle;

    /// <summary>Gets or sets whether somebody reads its rows.</summary>
    public bool InUse { get; set; }

    public void Bind(ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Check(Bind(i + 1, values[i]));
        }
    }

    /// <summary>Goes on to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public bool Step()
    {
        int code = raw.sqlite3_step(_handle);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(code);
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>Makes the statement ready to run again; what was bound is let go of.</summary>
    public void Reset()
    {
        _ = raw.sqlite3_reset(_handle);
        _ = raw.sqlite3_clear_bindings(_handle);
        InUse = false;
    }

    public void Dispose() => _handle.Dispose();

    private int Bind(int place, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_handle, place),
        long number => raw.sqlite3_bind_int64(_handle, place, number),
        int number => raw.sqlite3_bind_int64(_handle, place, number),
        double number => raw.sqlite3_bind_double(_handle, place, number),
        string text => Bind(place, text),
        byte[] bytes => raw.sqlite3_bind_blob(_handle, place, bytes),
        ReadOnlyMemory<float> vector => raw.sqlite3_bind_blob(_handle, place, MemoryMarshal.AsBytes(vector.Span)),
        _ => throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Parameter {place} is a {value.GetType()}; a number, a text, bytes or a vector can be bound."), nameof(value)),
    };

    private int Bind(int place, string text)
    {
        if (text.Length == 0)
        {
            return raw.sqlite3_bind_text(_handle, place, text); // an empty span has no address, and would be bound as NULL
        }

        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = most <= OnStack ? null : ArrayPool<byte>.Shared.Rent(most);
        Span<byte> bytes = rented ?? stackalloc byte[OnStack];
        int length = Encoding.UTF8.GetBytes(text, bytes);
        int code = raw.sqlite3_bind_text(_handle, place, bytes[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return code;
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
