using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Providers.Memory.Sqlite;

/// <summary>The file: made private to its owner, held by one process, opened with WAL and full sync.</summary>
internal sealed class Database : IDisposable
{
    private const int BusyMilliseconds = 30_000;
    private readonly FileStream _lock;
    private readonly Readers _readers;
    private readonly string _connection;

    public Database(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Folder = Path + ".vectors";
        string directory = System.IO.Path.GetDirectoryName(Path)!;
        if (!Directory.Exists(directory))
        {
            throw new DirectoryNotFoundException($"The folder '{directory}' of the memory's database does not exist; make it, or change SqliteMemoryOptions.Path.");
        }

        _lock = Lock(Path);
        try
        {
            Private(Path, FileShare.ReadWrite).Dispose();
            _connection = new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false, DefaultTimeout = 30 }.ConnectionString;
            Writer = new Statements(Open());
            Writer.Connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000");
            Migrations.Apply(Writer.Connection, Path);
            Writer.Run("INSERT INTO meta VALUES ('cursor_key', ?1) ON CONFLICT DO NOTHING", RandomNumberGenerator.GetBytes(32));
            CursorKey = Writer.Scalar<byte[]>("SELECT value FROM meta WHERE name = 'cursor_key'")!;
            _readers = new Readers(() => new Statements(Open()));
        }
        catch (SqliteException e)
        {
            Writer?.Dispose();
            _lock.Dispose();
            throw new InvalidOperationException($"'{Path}' is no memory database that can be opened: {e.Message} Nothing was changed; restore a backup, or move the file away.", e);
        }
        catch
        {
            Writer?.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Gets where the vectors lie.</summary>
    public string Folder { get; }

    public byte[] CursorKey { get; }

    /// <summary>Gets or sets how long readers are waited for that keep the log from being emptied.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the one connection that writes; used by one thread at a time.</summary>
    public Statements Writer { get; }

    /// <summary>Begins to read from one snapshot; dispose it soon.</summary>
    public Reading Read() => new(_readers);

    /// <summary>Opens a connection of one's own.</summary>
    public SqliteConnection Open()
    {
        SqliteConnection connection = new(_connection);
        try
        {
            connection.Open();
            _ = raw.sqlite3_busy_timeout(connection.Handle!, BusyMilliseconds);
            connection.Run("PRAGMA cache_size = -16000");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Moves the write-ahead log into the database and empties its file. Called by the writer.</summary>
    /// <exception cref="IOException">A reader held on for longer than <see cref="Patience"/>.</exception>
    public void FoldLog()
    {
        long began = TimeProvider.System.GetTimestamp(); // a reader is real, whatever the store's clock
        while (Checkpoint() != 0)
        {
            if (TimeProvider.System.GetElapsedTime(began) >= Patience)
            {
                throw new IOException($"The log of '{Path}' cannot be emptied, since a reader holds on to it: end long exports and try again.");
            }

            Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System).GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        _readers.Dispose();
        try
        {
            Checkpoint();
        }
        catch (SqliteException)
        {
            // The disk does not take it: the log is folded in at the next opening.
        }

        Writer.Dispose();
        _lock.Dispose();
    }

    /// <summary>Folds the log in, unless a reader is there, whom it does not wait for.</summary>
    /// <returns>0: it is empty.</returns>
    private long Checkpoint()
    {
        _ = raw.sqlite3_busy_timeout(Writer.Connection.Handle!, 0);
        try
        {
            return Writer.Scalar<long>("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(Writer.Connection.Handle!, BusyMilliseconds);
        }
    }

    /// <summary>Holds a database for this process, until it is disposed.</summary>
    /// <exception cref="InvalidOperationException">Somebody else holds it.</exception>
    public static FileStream Lock(string path)
    {
        try
        {
            return Private(path + ".lock", FileShare.None);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"'{path}' is in use by another memory, in this process or another one. Share one store, or use PostgreSQL for several hosts.", e);
        }
    }

    /// <summary>Opens a file; one that is made has mode 0600.</summary>
    public static FileStream Private(string path, FileShare share, FileMode mode = FileMode.OpenOrCreate)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
