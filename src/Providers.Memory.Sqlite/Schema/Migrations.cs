using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Brings a database to the schema this version knows, step by step, each in a transaction of its own.</summary>
internal static class Migrations
{
    private static readonly string[] s_steps =
    [
        """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE scope (number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, namespace TEXT NOT NULL, UNIQUE (tenant, namespace));
        CREATE TABLE space (number INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, name TEXT NOT NULL, dimensions INTEGER NOT NULL, checkpoint INTEGER NOT NULL DEFAULT 0, UNIQUE (scope, name));
        CREATE TABLE memory (
            row INTEGER PRIMARY KEY AUTOINCREMENT, scope INTEGER NOT NULL REFERENCES scope, id TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
            tags TEXT NOT NULL, metadata TEXT, importance REAL NOT NULL, source TEXT, provenance TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL,
            expires INTEGER, version INTEGER NOT NULL, space INTEGER REFERENCES space, vector BLOB, bytes INTEGER NOT NULL, UNIQUE (scope, id));
        CREATE INDEX memory_by_time ON memory (scope, created, id);
        CREATE INDEX memory_by_expiry ON memory (scope, expires) WHERE expires IS NOT NULL;
        CREATE INDEX memory_by_space ON memory (space) WHERE space IS NOT NULL;
        CREATE TABLE tag (scope INTEGER NOT NULL, tag TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (scope, tag, row)) WITHOUT ROWID;
        CREATE VIRTUAL TABLE words USING fts5 (scope, text, content='', tokenize='unicode61 remove_diacritics 2');
        INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
        CREATE TABLE replay (scope INTEGER NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, outcome TEXT NOT NULL, kept INTEGER NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID;
        CREATE TABLE vector_log (change INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL, row INTEGER NOT NULL);
        """,
        """
        ALTER TABLE memory ADD COLUMN archived INTEGER;
        CREATE INDEX memory_by_archive ON memory (scope, archived) WHERE archived IS NOT NULL;
        CREATE TABLE history (
            row INTEGER NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, tags TEXT NOT NULL, metadata TEXT, importance REAL NOT NULL,
            provenance TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL, expires INTEGER, archived INTEGER, PRIMARY KEY (row, version)) WITHOUT ROWID;
        CREATE TABLE link (scope INTEGER NOT NULL, origin INTEGER NOT NULL, relation INTEGER NOT NULL, target INTEGER NOT NULL, PRIMARY KEY (origin, relation, target)) WITHOUT ROWID;
        CREATE INDEX link_by_target ON link (target);
        CREATE INDEX link_by_scope ON link (scope);
        """,
        """
        CREATE TABLE vector (row INTEGER PRIMARY KEY, value BLOB NOT NULL);
        INSERT INTO vector SELECT row, vector FROM memory WHERE vector IS NOT NULL;
        ALTER TABLE memory DROP COLUMN vector;
        CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row);
        """,
    ];

    /// <summary>The statements that make one schema of the one before, for tests of old databases.</summary>
    public static string Step(int index) => s_steps[index];

    /// <summary>Gets the newest schema this version knows.</summary>
    public static long Latest => s_steps.Length;

    /// <exception cref="InvalidOperationException">The database was made by a newer version.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        long version = connection.Scalar<long>("PRAGMA user_version");
        if (version > s_steps.Length)
        {
            throw new InvalidOperationException($"'{path}' has schema {version}; this version knows up to {s_steps.Length}. Use the version of the package that wrote it, or a newer one. Nothing was changed.");
        }

        for (long step = version; step < s_steps.Length; step++)
        {
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
            connection.Run(s_steps[step]);
            connection.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {step + 1}"));
            transaction.Commit();
        }
    }
}
