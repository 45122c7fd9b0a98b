using System.Collections.Concurrent;
using System.Globalization;
using Providers.Vectors;

namespace Providers.Memory.Sqlite;

/// <summary>The vector indexes, one for each space of a scope, opened when they are first needed: from their file and the database's log of later changes, or from the database alone.</summary>
internal sealed class SpaceShelves(Database database, int checkpointEvery) : IDisposable
{
    private readonly ConcurrentDictionary<long, Lazy<VectorShelf>> _shelves = new();
    private static readonly RecallCanary s_canary = new(SqliteMemoryStore.Kind);
    private readonly Dictionary<long, int> _changes = [];

    /// <summary>Gets or sets from how many vectors on an index has a file of its own.</summary>
    public int SmallestFile { get; set; } = 256;

    /// <summary>Gets the bytes of the indexes' files.</summary>
    public long FileBytes => Directory.Exists(database.Folder) ? Directory.EnumerateFiles(database.Folder).Sum(StoreFiles.Length) : 0;

    public VectorShelf Get(long space, int dimensions)
    {
        Lazy<VectorShelf> shelf = _shelves.GetOrAdd(space, number => new Lazy<VectorShelf>(() => Load(number, dimensions)));
        try
        {
            return shelf.Value;
        }
        catch
        {
            _shelves.TryRemove(KeyValuePair.Create(space, shelf)); // the next one tries again
            throw;
        }
    }

    /// <summary>Takes over committed changes. One caller at a time.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="last">The number of the last change in the database's log.</param>
    public void Apply(IReadOnlyList<VectorChange> changes, long last)
    {
        try
        {
            Take(changes, last);
        }
        catch
        {
            // The database is the truth: an index that could not take a change is loaded from it when it is needed next.
            foreach (long space in changes.Select(static c => c.Space).Distinct())
            {
                _shelves.TryRemove(space, out _);
                _changes.Remove(space);
            }

            throw;
        }
    }

    private void Take(IReadOnlyList<VectorChange> changes, long last)
    {
        foreach ((long space, int dimensions, long row, float[]? vector) in changes)
        {
            // One that is not open yet finds the change in the database; being loaded now, it may meet it twice, which is the same.
            VectorShelf shelf = Get(space, dimensions);
            if (vector is null)
            {
                shelf.Remove(row);
            }
            else
            {
                shelf.Set(row, vector);
            }

            _changes[space] = _changes.GetValueOrDefault(space) + 1;
        }

        // Only after the whole group: a file that says it reaches the last change must hold them all.
        foreach (long space in changes.Select(static c => c.Space).Distinct().Where(s => _changes[s] >= checkpointEvery))
        {
            Checkpoint(space, _shelves[space].Value, last);
        }
    }

    /// <summary>Writes every index to its file that has changed, or has built in the background what its file lacks. Called by the writer.</summary>
    public void CheckpointAll()
    {
        long last = database.Writer.Scalar<long>("SELECT coalesce(max(change), 0) FROM vector_log");
        foreach ((long space, Lazy<VectorShelf> shelf) in _shelves)
        {
            if (_changes.ContainsKey(space) || (shelf.IsValueCreated && shelf.Value.HasMoved))
            {
                Checkpoint(space, shelf.Value, last);
            }
        }
    }

    /// <summary>Rewrites the indexes of a scope, so that no vector that was removed is left in a file. Called by the writer.</summary>
    public void Rewrite(long scope)
    {
        long last = database.Writer.Scalar<long>("SELECT coalesce(max(change), 0) FROM vector_log");
        foreach (long space in database.Writer.Numbers("SELECT number FROM space WHERE scope = ?1", scope))
        {
            VectorShelf shelf = Get(space, (int)database.Writer.Scalar<long>("SELECT dimensions FROM space WHERE number = ?1", space));
            shelf.Compact();
            Checkpoint(space, shelf, last);
        }
    }

    /// <summary>Puts every vector of a scope into its index again. Called by the writer.</summary>
    public void Refill(long scope)
    {
        foreach (long space in database.Writer.Numbers("SELECT number FROM space WHERE scope = ?1", scope))
        {
            VectorShelf shelf = Get(space, (int)database.Writer.Scalar<long>("SELECT dimensions FROM space WHERE number = ?1", space));
            Replay(database.Writer, shelf, "SELECT m.row, v.value FROM memory m JOIN vector v ON v.row = m.row WHERE m.space = ?1 AND m.archived IS NULL", space);
        }

        Rewrite(scope);
    }

    /// <summary>Gets the indexes that are open.</summary>
    public IEnumerable<VectorShelf> Open => _shelves.Values.Where(static s => s.IsValueCreated).Select(static s => s.Value);

    public void Dispose()
    {
        foreach (VectorShelf shelf in Open)
        {
            shelf.Dispose();
        }
    }

    private void Checkpoint(long space, VectorShelf shelf, long last)
    {
        _changes.Remove(space);
        string path = PathOf(space);
        if (shelf.Count < SmallestFile && !File.Exists(path))
        {
            // Sooner read from the database than opened: a session's few memories need no file, and no log.
            database.Writer.Run("DELETE FROM vector_log WHERE space = ?1 AND change <= ?2 AND change < (SELECT max(change) FROM vector_log)", space, last);
            return;
        }

        Directory.CreateDirectory(database.Folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(database.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        shelf.Checkpoint(last);
        // Only now is what came before no longer needed; the newest line stays, so that numbers never start over.
        database.Writer.Run("UPDATE space SET checkpoint = ?2 WHERE number = ?1", space, last);
        database.Writer.Run("DELETE FROM vector_log WHERE space = ?1 AND change <= ?2 AND change < (SELECT max(change) FROM vector_log)", space, last);
    }

    private VectorShelf Load(long space, int dimensions)
    {
        string path = PathOf(space);
        using Reading reading = database.Read();
        Statements sql = reading.Sql;
        long last = sql.Scalar<long>("SELECT coalesce(max(change), 0) FROM vector_log");
        if (File.Exists(path))
        {
            try
            {
                VectorShelf shelf = new(dimensions, path, s_canary);
                if (shelf.Watermark <= last && shelf.Watermark >= sql.Scalar<long>("SELECT checkpoint FROM space WHERE number = ?1", space))
                {
                    // Each row of the log is asked for its vector of now: the order within the tail does not matter.
                    Replay(sql, shelf, "SELECT l.row, v.value FROM (SELECT DISTINCT row FROM vector_log WHERE space = ?1 AND change > ?2) l LEFT JOIN memory m ON m.row = l.row AND m.space = ?1 AND m.archived IS NULL LEFT JOIN vector v ON v.row = m.row", space, shelf.Watermark);
                    return shelf;
                }

                shelf.Dispose(); // database and file are of different times: one of them was restored from a copy
            }
            catch (Exception e) when (e is VectorIndexCorruptException or IOException or ArgumentException)
            {
                // A cache that cannot be read is made again.
            }

            File.Delete(path);
        }

        VectorShelf rebuilt = new(dimensions, path, s_canary);
        Replay(sql, rebuilt, "SELECT m.row, v.value FROM memory m JOIN vector v ON v.row = m.row WHERE m.space = ?1 AND m.archived IS NULL", space);
        return rebuilt;
    }

    private string PathOf(long space) => Path.Join(database.Folder, space.ToString(CultureInfo.InvariantCulture) + ".index");

    private static void Replay(Statements statements, VectorShelf shelf, string sql, params ReadOnlySpan<object?> values)
    {
        using Rows reader = statements.Read(sql, values);
        while (reader.Read())
        {
            if (reader.IsNull(1))
            {
                shelf.Remove(reader.Int64(0));
            }
            else
            {
                shelf.Set(reader.Int64(0), RecordRow.ReadVector(reader.Bytes(1)));
            }
        }
    }
}
