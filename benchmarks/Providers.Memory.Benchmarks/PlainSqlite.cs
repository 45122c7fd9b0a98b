using System.Text;
using Microsoft.Data.Sqlite;
using Providers.Memory.Sqlite;

namespace Providers.Memory.Benchmarks;

/// <summary>The tables and indexes of the store, written by hand over Microsoft.Data.Sqlite: the same rows, words and tags with the same settings, and nothing of what the store does besides.</summary>
internal sealed class PlainSqlite : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand>? _kept;
    private SqliteTransaction? _transaction;

    /// <param name="path">The file.</param>
    /// <param name="prepared">Whether commands are kept and prepared once, or made for each statement.</param>
    public PlainSqlite(string path, bool prepared)
    {
        _connection = new($"Data Source={path};Pooling=False");
        _connection.Open();
        Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000");
        Migrations.Apply(_connection, path);
        Run("INSERT INTO scope (number, tenant, namespace) VALUES (1, 'bench', 'default')");
        _kept = prepared ? [] : null;
    }

    public void Begin() => _transaction = _connection.BeginTransaction();

    public void Commit()
    {
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
    }

    public void Insert(MemoryRecord note)
    {
        long now = DateTimeOffset.UtcNow.UtcTicks;
        Run(
            """
            INSERT INTO memory (scope, id, kind, text, tags, metadata, importance, source, provenance, created, updated, expires, version, space, bytes, archived)
            VALUES (1, $1, $2, $3, $4, NULL, $5, NULL, NULL, $6, $6, NULL, 1, NULL, $7, NULL)
            """,
            note.Id, note.Kind, note.Text, $"[\"{note.Tags[0]}\"]", note.Importance, now, Encoding.UTF8.GetByteCount(note.Text));
        object row = Scalar("SELECT last_insert_rowid()");
        Run("INSERT INTO words (rowid, scope, text) VALUES ($1, 's1', $2)", row, note.Text);
        Run("INSERT INTO tag VALUES (1, $1, $2)", note.Tags[0], row);
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in (_kept ?? []).Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private void Run(string sql, params object[] values) => Use(sql, values, static command => command.ExecuteNonQuery());

    private object Scalar(string sql) => Use(sql, [], static command => command.ExecuteScalar()!);

    private T Use<T>(string sql, object[] values, Func<SqliteCommand, T> use)
    {
        if (_kept is null)
        {
            using SqliteCommand made = Make(sql, values);
            return use(made);
        }

        if (!_kept.TryGetValue(sql, out SqliteCommand? command))
        {
            _kept[sql] = command = Make(sql, values);
            command.Prepare();
        }

        command.Transaction = _transaction;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return use(command);
    }

    private SqliteCommand Make(string sql, object[] values)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = _transaction;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        }

        return command;
    }
}
