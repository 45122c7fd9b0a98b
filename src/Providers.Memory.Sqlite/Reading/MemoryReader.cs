namespace Providers.Memory.Sqlite;

/// <summary>Reads, each call from one snapshot of the database. Safe for concurrent use.</summary>
internal sealed class MemoryReader(Database database)
{
    /// <summary>The condition that <c>m</c> has not expired at <c>?2</c>.</summary>
    public const string Alive = "(m.expires IS NULL OR m.expires > ?2)";

    private const string Named = "m.scope = (SELECT number FROM scope WHERE tenant = ?3 AND namespace = ?4) AND m.id = ?1 AND " + Alive;
    private readonly CursorCodec _cursors = new(database.CursorKey);

    public MemoryRecord? Get(MemoryScope scope, string id, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        using Rows rows = reading.Sql.Read($"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE {Named}", id, now.UtcTicks, scope.Tenant, scope.Namespace);
        return rows.Read() ? RecordRow.Read(rows).Record : null;
    }

    public IReadOnlyList<MemoryRecord> History(MemoryScope scope, string id, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        return [.. reading.Sql.Records($"SELECT {RecordRow.HistoryColumns} FROM history h JOIN memory m ON m.row = h.row WHERE {Named} ORDER BY h.version DESC", id, now.UtcTicks, scope.Tenant, scope.Namespace).Select(static r => r.Record)];
    }

    public MemoryPage List(MemoryScope scope, MemoryListOptions options, DateTimeOffset now)
    {
        ListPlace? after = _cursors.Read(scope, options);
        bool newest = options.Order is MemoryOrder.NewestFirst;
        using Reading reading = database.Read();
        List<object?> values = [reading.Sql.ScopeOf(scope), now.UtcTicks, after?.Created ?? (newest ? long.MaxValue : long.MinValue), after?.Id ?? "", options.Limit + 1];
        string filter = FilterSql.Write(options.Filter, values);
        (string than, string order) = newest ? ("<", " DESC") : (">", "");
        List<(long Row, MemoryRecord Record)> found = reading.Sql.Records(
            $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = ?1 AND {Alive} AND (m.created, m.id) {than} (?3, ?4){filter} ORDER BY m.created{order}, m.id{order} LIMIT ?5", [.. values]);
        bool more = found.Count > options.Limit;
        MemoryRecord[] page = [.. found.Take(options.Limit).Select(static f => f.Record)];
        return new MemoryPage(page, more ? _cursors.Write(new ListPlace(page[^1].Created.UtcTicks, page[^1].Id), scope, options) : null);
    }

    public IEnumerable<MemoryRecord> ReadAll(MemoryScope scope, MemoryFilter? filter, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        List<object?> values = [reading.Sql.ScopeOf(scope), now.UtcTicks];
        string conditions = FilterSql.Write(filter, values);
        using Rows rows = reading.Sql.Read($"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = ?1 AND {Alive}{conditions} ORDER BY m.created, m.id", [.. values]);
        while (rows.Read())
        {
            yield return RecordRow.Read(rows).Record;
        }
    }

    public IReadOnlyList<MemoryLink> Links(MemoryScope scope, IReadOnlyCollection<string> ids, MemoryRelatedOptions options, int most, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        List<object?> values = [reading.Sql.ScopeOf(scope), now.UtcTicks, RecordText.WriteTexts([.. ids]), most];
        string relations = "";
        if (options.Relations.Count > 0)
        {
            relations = $" AND l.relation IN ({string.Join(", ", options.Relations.Select(r => { values.Add((long)r); return $"?{values.Count}"; }))})";
        }

        static string Half(string end, string relations) => $"""
            SELECT a.id AS x, l.relation AS y, b.id AS z FROM memory m JOIN link l ON l.{end} = m.row JOIN memory a ON a.row = l.origin JOIN memory b ON b.row = l.target
            WHERE m.scope = ?1 AND m.id IN (SELECT value FROM json_each(?3)) AND (a.expires IS NULL OR a.expires > ?2) AND (b.expires IS NULL OR b.expires > ?2){relations}
            """;
        string halves = options.Direction switch
        {
            MemoryLinkDirection.Outgoing => Half("origin", relations),
            MemoryLinkDirection.Incoming => Half("target", relations),
            _ => $"{Half("origin", relations)} UNION {Half("target", relations)}",
        };
        using Rows rows = reading.Sql.Read($"SELECT x, y, z FROM ({halves}) ORDER BY x, y, z LIMIT ?4", [.. values]);
        List<MemoryLink> links = [];
        while (rows.Read())
        {
            links.Add(new MemoryLink(rows.String(0), (MemoryRelation)rows.Int32(1), rows.String(2)));
        }

        return links;
    }
}
