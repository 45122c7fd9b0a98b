using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Says what a failure of the file means to the caller.</summary>
internal static class StoreFailure
{
    private const int Full = 13, ReadOnly = 8, Corrupt = 11, NotADatabase = 26;

    /// <summary>The exception a caller is given: a failure of SQLite or of the disk becomes <see cref="MemoryUnavailableException"/>, all else stays.</summary>
    public static Exception Of(Exception error, string path, bool writing) => error switch
    {
        SqliteException { SqliteErrorCode: Full } => new MemoryUnavailableException($"The disk with '{path}' is full. Nothing was changed; free some room.", error),
        SqliteException { SqliteErrorCode: ReadOnly } => new MemoryUnavailableException($"'{path}' cannot be written. Nothing was changed; check the file's and the folder's rights.", error),
        SqliteException damage when IsDamage(damage) => new MemoryUnavailableException($"'{path}' is damaged. Restore a backup.", error),
        SqliteException or IOException => new MemoryUnavailableException($"'{path}' cannot be {(writing ? "written" : "read")} at present: {error.Message}", error, outcomeUnknown: writing),
        _ => error,
    };

    /// <summary>Whether a failure says that the file itself is broken.</summary>
    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>Reads row by row; whichever row fails says what it means.</summary>
    public static async IAsyncEnumerable<T> ReadingAsync<T>(string path, IEnumerable<T> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using IEnumerator<T> row = rows.GetEnumerator();
        while (Reading(path, row.MoveNext))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row.Current;
        }
    }

    public static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            throw Of(e, path, writing: false);
        }
    }
}
