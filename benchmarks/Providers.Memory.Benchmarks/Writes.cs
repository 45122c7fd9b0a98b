using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Providers.Memory.Sqlite;

namespace Providers.Memory.Benchmarks;

/// <summary>Durable writes with 1, 8 and 64 writers, beside one commit for each write, and beside plain Microsoft.Data.Sqlite with one transaction for 64 writes of the same rows.</summary>
internal static class Writes
{
    private const int Total = 6_400;
    private static readonly MemoryScope Scope = new("bench");

    public static async Task RunAsync(string folder, Figures figures)
    {
        MemoryRecord[] notes = [.. Enumerable.Range(0, Total).Select(static i => new MemoryRecord { Id = $"n{i}", Text = $"note number {i} about topic {i % 97} and subject {i % 31}", Tags = [$"t{i % 10}"] })];
        await OursAsync(Path.Join(folder, "warm.db"), notes[..640], 64);
        double naive = Naive(Path.Join(folder, "naive.db"), notes[..800]);
        double raw = Raw(Path.Join(folder, "raw.db"), notes);
        foreach (int writers in (int[])[1, 8, 64])
        {
            double ours = await OursAsync(Path.Join(folder, $"w{writers}.db"), writers == 1 ? notes[..800] : notes, writers);
            figures.Add($"durable writes a second, {writers} writers / one commit for each write", ours / naive, "x", null, writers == 64 ? 10 : null);
            figures.Add($"durable writes a second, {writers} writers", ours, "1/s", naive);
            if (writers == 64)
            {
                figures.Add("durable writes, 64 writers / Microsoft.Data.Sqlite, a transaction for 64", ours / raw, "x", null, 0.8);
                figures.Add("Microsoft.Data.Sqlite, a transaction for 64", raw, "1/s");
            }
        }
    }

    private static async Task<double> OursAsync(string path, MemoryRecord[] notes, int writers)
    {
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
        int next = -1;
        Stopwatch watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < notes.Length;)
            {
                await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(notes[i])])).ConfigureAwait(false);
            }
        })));
        return notes.Length / watch.Elapsed.TotalSeconds;
    }

    private static double Naive(string path, MemoryRecord[] notes)
    {
        using SqliteConnection connection = Open(path);
        Stopwatch watch = Stopwatch.StartNew();
        foreach (MemoryRecord note in notes)
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            Insert(connection, note);
            transaction.Commit();
        }

        return notes.Length / watch.Elapsed.TotalSeconds;
    }

    private static double Raw(string path, MemoryRecord[] notes)
    {
        using SqliteConnection connection = Open(path);
        Stopwatch watch = Stopwatch.StartNew();
        foreach (MemoryRecord[] chunk in notes.Chunk(64))
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            foreach (MemoryRecord note in chunk)
            {
                Insert(connection, note);
            }

            transaction.Commit();
        }

        return notes.Length / watch.Elapsed.TotalSeconds;
    }

    /// <summary>The same rows, words and tags, the way one writes them by hand: a command for each statement.</summary>
    private static void Insert(SqliteConnection connection, MemoryRecord note)
    {
        Run(connection, "INSERT INTO memory (id, kind, text, tags, importance, created, updated, version) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)", note.Id, note.Kind, note.Text, $"[\"{note.Tags[0]}\"]", note.Importance, DateTimeOffset.UnixEpoch.UtcTicks);
        using SqliteCommand last = connection.CreateCommand();
        last.CommandText = "SELECT last_insert_rowid()";
        object row = last.ExecuteScalar()!;
        Run(connection, "INSERT INTO words (rowid, scope, text) VALUES ($1, 's1', $2)", row, note.Text);
        Run(connection, "INSERT INTO tag VALUES (1, $1, $2)", note.Tags[0], row);
    }

    private static void Run(SqliteConnection connection, string sql, params object[] values)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        }

        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path)
    {
        SqliteConnection connection = new($"Data Source={path};Pooling=False");
        connection.Open();
        Run(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000");
        Run(connection,
            """
            CREATE TABLE memory (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, text TEXT NOT NULL, tags TEXT NOT NULL, importance REAL NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, version INTEGER NOT NULL);
            CREATE INDEX memory_by_time ON memory (created, id);
            CREATE TABLE tag (scope INTEGER NOT NULL, tag TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (scope, tag, row)) WITHOUT ROWID;
            CREATE VIRTUAL TABLE words USING fts5 (scope, text, content='', tokenize='unicode61 remove_diacritics 2');
            """);
        return connection;
    }
}
