namespace Providers.Memory.Sqlite;

/// <summary>Counts and names: stats, tags, scopes. Safe for concurrent use.</summary>
internal sealed class CountReader(Database database)
{
    private const string Active = MemoryReader.Alive + " AND m.archived IS NULL";

    public MemoryStats Stats(MemoryScope scope, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        Statements sql = reading.Sql;
        object? number = sql.ScopeOf(scope);
        using Rows reader = sql.Read($"SELECT count(*), coalesce(sum(m.bytes), 0), min(m.created), max(m.created) FROM memory m WHERE m.scope = ?1 AND {Active}", number, now.UtcTicks);
        reader.Read();
        return new MemoryStats(reader.Int64(0), reader.Int64(1))
        {
            Oldest = reader.TimeOrNull(2),
            Newest = reader.TimeOrNull(3),
            ByKind = Counts(sql, $"SELECT m.kind, count(*) FROM memory m WHERE m.scope = ?1 AND {Active} GROUP BY m.kind", number, now.UtcTicks),
            ByTag = Counts(sql, $"SELECT t.tag, count(*) AS n FROM tag t JOIN memory m ON m.row = t.row WHERE t.scope = ?1 AND {Active} GROUP BY t.tag ORDER BY n DESC, t.tag LIMIT 100", number, now.UtcTicks),
            BySpace = Counts(sql, $"SELECT s.name, count(*) FROM memory m JOIN space s ON s.number = m.space WHERE m.scope = ?1 AND {Active} GROUP BY s.name", number, now.UtcTicks),
            Archived = sql.Scalar<long>($"SELECT count(*) FROM memory m WHERE m.scope = ?1 AND {MemoryReader.Alive} AND m.archived IS NOT NULL", number, now.UtcTicks),
            Links = sql.Scalar<long>(
                "SELECT count(*) FROM link l JOIN memory a ON a.row = l.origin JOIN memory b ON b.row = l.target WHERE l.scope = ?1 AND (a.expires IS NULL OR a.expires > ?2) AND (b.expires IS NULL OR b.expires > ?2)", number, now.UtcTicks),
        };
    }

    public IReadOnlyList<string> Tags(MemoryScope scope, string prefix, int top, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        return [.. Counts(
            reading.Sql, $"SELECT t.tag, count(*) AS n FROM tag t JOIN memory m ON m.row = t.row WHERE t.scope = ?1 AND {Active} AND substr(t.tag, 1, length(?3)) = ?3 GROUP BY t.tag ORDER BY n DESC, t.tag LIMIT ?4",
            reading.Sql.ScopeOf(scope), now.UtcTicks, prefix, top).Keys];
    }

    public IEnumerable<MemoryScope> Scopes(string? tenant, string prefix, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        using Rows reader = reading.Sql.Read(
            $"""
            SELECT tenant, namespace FROM scope WHERE (?1 IS NULL OR tenant = ?1) AND substr(namespace, 1, length(?3)) = ?3
                AND EXISTS (SELECT 1 FROM memory m WHERE m.scope = scope.number AND {MemoryReader.Alive}) ORDER BY tenant, namespace
            """,
            tenant, now.UtcTicks, prefix);
        while (reader.Read())
        {
            yield return new MemoryScope(reader.String(0), reader.String(1));
        }
    }

    private static Dictionary<string, long> Counts(Statements statements, string sql, params ReadOnlySpan<object?> values)
    {
        using Rows reader = statements.Read(sql, values);
        Dictionary<string, long> counts = [];
        while (reader.Read())
        {
            counts[reader.String(0)] = reader.Int64(1);
        }

        return counts;
    }
}
