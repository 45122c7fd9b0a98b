using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Counts and names: stats, tags, scopes. Safe for concurrent use.</summary>
internal sealed class CountReader(Database database)
{
    private const string Active = MemoryReader.Alive + " AND m.archived IS NULL";

    public MemoryStats Stats(MemoryScope scope, DateTimeOffset now)
    {
        using SqliteConnection connection = database.Open();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        object? number = connection.ScopeOf(scope);
        using SqliteCommand command = connection.Command($"SELECT count(*), coalesce(sum(m.bytes), 0), min(m.created), max(m.created) FROM memory m WHERE m.scope = $1 AND {Active}", number, now.UtcTicks);
        using SqliteDataReader reader = command.ExecuteReader();
        reader.Read();
        return new MemoryStats(reader.GetInt64(0), reader.GetInt64(1))
        {
            Oldest = reader.IsDBNull(2) ? null : new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero),
            Newest = reader.IsDBNull(3) ? null : new DateTimeOffset(reader.GetInt64(3), TimeSpan.Zero),
            ByKind = Counts(connection, $"SELECT m.kind, count(*) FROM memory m WHERE m.scope = $1 AND {Active} GROUP BY m.kind", number, now.UtcTicks),
            ByTag = Counts(connection, $"SELECT t.tag, count(*) AS n FROM tag t JOIN memory m ON m.row = t.row WHERE t.scope = $1 AND {Active} GROUP BY t.tag ORDER BY n DESC, t.tag LIMIT 100", number, now.UtcTicks),
            BySpace = Counts(connection, $"SELECT s.name, count(*) FROM memory m JOIN space s ON s.number = m.space WHERE m.scope = $1 AND {Active} GROUP BY s.name", number, now.UtcTicks),
            Archived = connection.Scalar<long>($"SELECT count(*) FROM memory m WHERE m.scope = $1 AND {MemoryReader.Alive} AND m.archived IS NOT NULL", number, now.UtcTicks),
            Links = connection.Scalar<long>(
                "SELECT count(*) FROM link l JOIN memory a ON a.row = l.origin JOIN memory b ON b.row = l.target WHERE l.scope = $1 AND (a.expires IS NULL OR a.expires > $2) AND (b.expires IS NULL OR b.expires > $2)", number, now.UtcTicks),
        };
    }

    public IReadOnlyList<string> Tags(MemoryScope scope, string prefix, int top, DateTimeOffset now)
    {
        using SqliteConnection connection = database.Open();
        return [.. Counts(
            connection, $"SELECT t.tag, count(*) AS n FROM tag t JOIN memory m ON m.row = t.row WHERE t.scope = $1 AND {Active} AND substr(t.tag, 1, length($3)) = $3 GROUP BY t.tag ORDER BY n DESC, t.tag LIMIT $4",
            connection.ScopeOf(scope), now.UtcTicks, prefix, top).Keys];
    }

    public async IAsyncEnumerable<MemoryScope> ScopesAsync(string? tenant, string prefix, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using SqliteConnection connection = database.Open();
        using SqliteCommand command = connection.Command(
            $"""
            SELECT tenant, namespace FROM scope WHERE ($1 IS NULL OR tenant = $1) AND substr(namespace, 1, length($3)) = $3
                AND EXISTS (SELECT 1 FROM memory m WHERE m.scope = scope.number AND {MemoryReader.Alive}) ORDER BY tenant, namespace
            """,
            tenant, now.UtcTicks, prefix);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new MemoryScope(reader.GetString(0), reader.GetString(1));
        }
    }

    private static Dictionary<string, long> Counts(SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        Dictionary<string, long> counts = [];
        while (reader.Read())
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }
}
