using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Reads, each call from one snapshot of the database. Safe for concurrent use.</summary>
internal sealed class MemoryReader(Database database, SpaceShelves shelves)
{
    private const string Alive = "(m.expires IS NULL OR m.expires > $2)";
    private readonly CursorCodec _cursors = new(database.CursorKey);

    public MemoryRecord? Get(MemoryScope scope, string id, DateTimeOffset now)
    {
        using SqliteConnection connection = database.Open();
        using SqliteCommand command = connection.Command(
            $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = (SELECT number FROM scope WHERE tenant = $3 AND namespace = $4) AND m.id = $1 AND {Alive}", id, now.UtcTicks, scope.Tenant, scope.Namespace);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? RecordRow.Read(reader).Record : null;
    }

    public MemoryPage List(MemoryScope scope, MemoryListOptions options, DateTimeOffset now)
    {
        ListPlace? after = null;
        if (options.Cursor is { } cursor)
        {
            after = _cursors.Read(cursor, scope, options.Filter) ?? throw new MemoryValidationException(["cursor: was altered, or belongs to another scope or filter; begin again without one."]);
        }

        using SqliteConnection connection = database.Open();
        List<object?> values = [ScopeOf(connection, scope), now.UtcTicks, after?.Created ?? long.MinValue, after?.Id ?? "", options.Limit + 1];
        string filter = FilterSql.Write(options.Filter, values);
        List<(long Row, MemoryRecord Record)> found = Read(connection, $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = $1 AND {Alive} AND (m.created, m.id) > ($3, $4){filter} ORDER BY m.created, m.id LIMIT $5", values);
        bool more = found.Count > options.Limit;
        MemoryRecord[] page = [.. found.Take(options.Limit).Select(static f => f.Record)];
        return new MemoryPage(page, more ? _cursors.Write(new ListPlace(page[^1].Created.UtcTicks, page[^1].Id), scope, options.Filter) : null);
    }

    public IReadOnlyList<MemoryMatch> Search(MemoryScope scope, MemoryQuery query, DateTimeOffset now)
    {
        using SqliteConnection connection = database.Open();
        if (ScopeOf(connection, scope) is not { } number)
        {
            return [];
        }

        int candidates = Fusion.Candidates(query.Top);
        List<(long, double)>? byVector = query.Mode is MemorySearchMode.Keyword || query.Vector is null ? null : Nearest(connection, number, query, candidates, now);
        List<(long, double)>? byWords = query.Mode is MemorySearchMode.Semantic || string.IsNullOrWhiteSpace(query.Text) ? null : Best(connection, number, query, candidates, now);
        List<Fusion.Fused> fused = [.. Fusion.Fuse(byVector, byWords).Where(f => f.Score >= query.MinScore).Take(query.Top)];
        if (fused.Count == 0)
        {
            return [];
        }

        string rows = string.Join(',', fused.Select(static f => f.Row.ToString(CultureInfo.InvariantCulture)));
        Dictionary<long, MemoryRecord> records = Read(connection, $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = $1 AND {Alive} AND m.row IN (SELECT value FROM json_each($3))", [number, now.UtcTicks, $"[{rows}]"])
            .ToDictionary(static r => r.Row, static r => r.Record);
        return [.. fused.Where(f => records.ContainsKey(f.Row)).Select(f => new MemoryMatch(records[f.Row], f.Score) { VectorScore = f.VectorScore, KeywordScore = f.KeywordScore })];
    }

    public MemoryStats Stats(MemoryScope scope, DateTimeOffset now)
    {
        using SqliteConnection connection = database.Open();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        object? number = ScopeOf(connection, scope);
        using SqliteCommand command = connection.Command($"SELECT count(*), coalesce(sum(m.bytes), 0), min(m.created), max(m.created) FROM memory m WHERE m.scope = $1 AND {Alive}", number, now.UtcTicks);
        using SqliteDataReader reader = command.ExecuteReader();
        reader.Read();
        return new MemoryStats(reader.GetInt64(0), reader.GetInt64(1))
        {
            Oldest = reader.IsDBNull(2) ? null : new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero),
            Newest = reader.IsDBNull(3) ? null : new DateTimeOffset(reader.GetInt64(3), TimeSpan.Zero),
            ByKind = Counts(connection, $"SELECT m.kind, count(*) FROM memory m WHERE m.scope = $1 AND {Alive} GROUP BY m.kind", number, now),
            ByTag = Counts(connection, $"SELECT t.tag, count(*) AS n FROM tag t JOIN memory m ON m.row = t.row WHERE t.scope = $1 AND {Alive} GROUP BY t.tag ORDER BY n DESC, t.tag LIMIT 100", number, now),
            BySpace = Counts(connection, $"SELECT s.name, count(*) FROM memory m JOIN space s ON s.number = m.space WHERE m.scope = $1 AND {Alive} GROUP BY s.name", number, now),
        };
    }

    private List<(long, double)> Nearest(SqliteConnection connection, long scope, MemoryQuery query, int top, DateTimeOffset now)
    {
        using SqliteCommand command = connection.Command("SELECT number, dimensions FROM space WHERE scope = $1 AND name = $2", scope, query.VectorSpace);
        using SqliteDataReader reader = command.ExecuteReader();
        if (!reader.Read())
        {
            return [];
        }

        (long space, int dimensions) = (reader.GetInt64(0), reader.GetInt32(1));
        if (dimensions != query.Vector!.Value.Length)
        {
            throw new MemoryValidationException([$"vector: has {query.Vector.Value.Length} dimensions; the space '{query.VectorSpace}' has {dimensions}."]);
        }

        VectorShelf shelf = shelves.Get(space, dimensions);
        return shelf.Search(query.Vector.Value.Span, top, Rows(connection, scope, space, query.Filter, now));
    }

    /// <summary>The rows a search by vector may find; <see langword="null"/>: all of the space.</summary>
    private static long[]? Rows(SqliteConnection connection, long scope, long space, MemoryFilter? filter, DateTimeOffset now)
    {
        bool expired = connection.Scalar<long>("SELECT EXISTS (SELECT 1 FROM memory WHERE scope = $1 AND expires <= $2)", scope, now.UtcTicks) == 1;
        if (filter is null && !expired)
        {
            return null;
        }

        List<object?> values = [scope, now.UtcTicks, space];
        string conditions = FilterSql.Write(filter, values);
        using SqliteCommand command = connection.Command($"SELECT m.row FROM memory m WHERE m.scope = $1 AND {Alive} AND m.space = $3{conditions}", [.. values]);
        using SqliteDataReader reader = command.ExecuteReader();
        List<long> rows = [];
        while (reader.Read())
        {
            rows.Add(reader.GetInt64(0));
        }

        return [.. rows];
    }

    private static List<(long, double)> Best(SqliteConnection connection, long scope, MemoryQuery query, int top, DateTimeOffset now)
    {
        string[] words = [.. Words.Of(query.Text!).Distinct(StringComparer.Ordinal).Take(64)]; // letters and digits only: nothing an operator could be made of
        if (words.Length == 0)
        {
            return [];
        }

        List<object?> values = [scope, now.UtcTicks, $"scope : \"{RowWriter.ScopeWord(scope)}\" AND text : ({string.Join(" OR ", words.Select(static w => $"\"{w}\""))})", top];
        string conditions = FilterSql.Write(query.Filter, values);
        using SqliteCommand command = connection.Command(
            $"SELECT w.rowid, -bm25(words, 0.0, 1.0) AS score FROM words w JOIN memory m ON m.row = w.rowid WHERE words MATCH $3 AND m.scope = $1 AND {Alive}{conditions} ORDER BY score DESC, w.rowid LIMIT $4", [.. values]);
        using SqliteDataReader reader = command.ExecuteReader();
        List<(long, double)> found = [];
        while (reader.Read())
        {
            found.Add((reader.GetInt64(0), Math.Max(1e-9, reader.GetDouble(1))));
        }

        return found;
    }

    private static long? ScopeOf(SqliteConnection connection, MemoryScope scope) =>
        connection.Scalar<object>("SELECT number FROM scope WHERE tenant = $1 AND namespace = $2", scope.Tenant, scope.Namespace) as long?;

    private static List<(long Row, MemoryRecord Record)> Read(SqliteConnection connection, string sql, List<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, [.. values]);
        using SqliteDataReader reader = command.ExecuteReader();
        List<(long, MemoryRecord)> found = [];
        while (reader.Read())
        {
            found.Add(RecordRow.Read(reader));
        }

        return found;
    }

    private static Dictionary<string, long> Counts(SqliteConnection connection, string sql, object? scope, DateTimeOffset now)
    {
        using SqliteCommand command = connection.Command(sql, scope, now.UtcTicks);
        using SqliteDataReader reader = command.ExecuteReader();
        Dictionary<string, long> counts = [];
        while (reader.Read())
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }
}
