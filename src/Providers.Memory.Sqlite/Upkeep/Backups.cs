using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Copies of the database, made while it is in use, and put back.</summary>
internal static class Backups
{
    public static void Write(Database database, string path)
    {
        if (File.Exists(path))
        {
            throw new IOException($"'{path}' exists; a backup never writes over a file.");
        }

        Database.Private(path, FileShare.ReadWrite, FileMode.CreateNew).Dispose(); // its owner's alone before a byte is in it
        try
        {
            using Statements source = new(database.Open());
            source.Run("VACUUM INTO ?1", path);
        }
        catch (SqliteException e)
        {
            File.Delete(path); // half a copy is none, and would stand in the next one's way
            throw StoreFailure.IsDamage(e) ? StoreFailure.Of(e, database.Path, writing: false) : new IOException($"The backup '{path}' could not be written: {e.Message} Nothing of it is left; see that there is room and that the folder can be written.", e);
        }
    }

    public static void Restore(string backup, string path)
    {
        Check(backup);
        string target = Path.GetFullPath(path), fresh = target + ".restoring";
        using (Database.Lock(target))
        {
            File.Delete(fresh);
            using (FileStream from = new(backup, FileMode.Open, FileAccess.Read, FileShare.Read))
            using (FileStream to = Database.Private(fresh, FileShare.None))
            {
                from.CopyTo(to);
                to.Flush(flushToDisk: true);
            }

            bool replaces = File.Exists(target);
            if (replaces)
            {
                Fold(target);
            }

            // What belongs to the database before goes first, so that whenever this is cut off none of it is laid over the new one.
            File.Delete(target + "-wal");
            File.Delete(target + "-shm");
            if (Directory.Exists(target + ".vectors"))
            {
                Directory.Delete(target + ".vectors", recursive: true);
            }

            if (replaces)
            {
                File.Replace(fresh, target, target + ".before-restore"); // at every moment one of the two is there
            }
            else
            {
                File.Move(fresh, target);
            }
        }
    }

    private static void Check(string backup)
    {
        if (!File.Exists(backup))
        {
            throw new FileNotFoundException($"There is no backup '{backup}'.", backup);
        }

        try
        {
            using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = backup, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
            connection.Open();
            string result = connection.Scalar<string>("PRAGMA integrity_check") ?? "";
            long version = connection.Scalar<long>("PRAGMA user_version");
            if (result != "ok" || version is 0 || version > Migrations.Latest)
            {
                throw new InvalidOperationException(
                    $"'{backup}' cannot be restored: {(result != "ok" ? "it is damaged: " + result : version == 0 ? "it is no memory." : $"it has schema {version}; this version knows up to {Migrations.Latest}.")} Nothing was changed.");
            }
        }
        catch (SqliteException e)
        {
            throw new InvalidOperationException($"'{backup}' cannot be restored: {e.Message} Nothing was changed.", e);
        }
    }

    /// <summary>Moves what is in the old database's log into its file, so that what is kept of it is whole; one that is damaged is kept as it is.</summary>
    private static void Fold(string path)
    {
        try
        {
            using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
            connection.Open();
            connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // It is being replaced because it is damaged, most likely.
        }
    }
}
