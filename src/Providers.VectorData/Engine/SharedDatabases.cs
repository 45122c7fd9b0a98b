namespace Providers.VectorData;

/// <summary>The databases in folders that this process has open: stores of the same folder share one, and the last to leave closes it.</summary>
internal static class SharedDatabases
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, (VectorDatabase Database, int Users)> Open = new(StringComparer.Ordinal);

    /// <summary>Takes part in a folder's database. The first to come decides the settings.</summary>
    public static Lease Rent(string folder, StorageSettings settings)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        lock (Gate)
        {
            (VectorDatabase database, int users) = Open.TryGetValue(path, out (VectorDatabase, int) known) ? known : (new VectorDatabase(path, settings), 0);
            Open[path] = (database, users + 1);
            return new Lease(database, () => Return(path));
        }
    }

    private static void Return(string path)
    {
        lock (Gate)
        {
            (VectorDatabase database, int users) = Open[path];
            if (users > 1)
            {
                Open[path] = (database, users - 1);
                return;
            }

            Open.Remove(path);
            database.Dispose();
        }
    }
}

/// <summary>A share in a database, given back once.</summary>
internal sealed class Lease(VectorDatabase database, Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    public VectorDatabase Database { get; } = database;

    /// <summary>A share in a database that somebody else closes.</summary>
    public static Lease Of(VectorDatabase database) => new(database, static () => { });

    /// <summary>What options ask for: a folder's database, or one of its own in memory.</summary>
    public static Lease For(string? folder, bool flushToDisk)
    {
        var settings = new StorageSettings(flushToDisk);
        if (folder is not null)
        {
            return SharedDatabases.Rent(folder, settings);
        }

        var database = new VectorDatabase(null, settings);
        return new Lease(database, database.Dispose);
    }

    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
