using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Providers.Memory.Sqlite;

/// <summary>Searches, each call from one snapshot of the database. Safe for concurrent use.</summary>
internal sealed class SearchReader(Database database, SpaceShelves shelves, WordFrequencies frequencies)
{
    private const int FewExpired = 256;
    private readonly WordSearch _words = new(frequencies);

    public IReadOnlyList<MemoryMatch> Search(MemoryScope scope, MemoryQuery query, DateTimeOffset now)
    {
        using Reading reading = database.Read();
        Statements sql = reading.Sql;
        if (sql.ScopeOf(scope) is not { } number)
        {
            return [];
        }

        int candidates = Fusion.Candidates(query.Top);
        List<(long, double)>? byVector = query.Mode is MemorySearchMode.Keyword || query.Vector is null ? null : Nearest(sql, number, query, candidates, now);
        List<(long, double)>? byWords = query.Mode is MemorySearchMode.Semantic || string.IsNullOrWhiteSpace(query.Text) ? null : _words.Best(sql, number, query, candidates, now);
        List<Fusion.Fused> fused = [.. Fusion.Fuse(byVector, byWords).Where(f => f.Score >= query.MinScore).Take(query.Top)];
        if (fused.Count == 0)
        {
            return [];
        }

        // The plus keeps SQLite from walking the whole scope by its index to find ten rows.
        Dictionary<long, MemoryRecord> records = sql.Records(
            $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE +m.scope = ?1 AND {MemoryReader.Alive} AND m.row IN (SELECT value FROM json_each(?3))", number, now.UtcTicks, RecordRow.List(fused.Select(static f => f.Row)))
            .ToDictionary(static r => r.Row, static r => r.Record);
        return [.. fused.Where(f => records.ContainsKey(f.Row)).Select(f => new MemoryMatch(records[f.Row], f.Score) { VectorScore = f.VectorScore, KeywordScore = f.KeywordScore })];
    }

    private List<(long, double)> Nearest(Statements sql, long scope, MemoryQuery query, int top, DateTimeOffset now)
    {
        (long space, int dimensions) = SpaceOf(sql, scope, query.VectorSpace!);
        if (space == 0)
        {
            return [];
        }

        ReadOnlySpan<float> vector = query.Vector!.Value.Span;
        if (dimensions != vector.Length)
        {
            throw new MemoryValidationException([$"vector: has {vector.Length} dimensions; the space '{query.VectorSpace}' has {dimensions}."]);
        }

        if (query.Filter is { State: not MemoryState.Active })
        {
            return Scan(sql, scope, space, query, top, now); // the indexes hold what is active
        }

        VectorShelf shelf = shelves.Get(space, dimensions);
        if (query.Filter?.HasCondition() == true)
        {
            return shelf.Search(vector, top, Rows(sql, scope, space, query.Filter, now));
        }

        HashSet<long> expired = Expired(sql, scope, space, now);
        if (expired.Count > FewExpired)
        {
            return shelf.Search(vector, top, Rows(sql, scope, space, null, now));
        }

        List<(long Row, double Score)> found = shelf.Search(vector, top + expired.Count, null);
        return expired.Count == 0 ? found : [.. found.Where(f => !expired.Contains(f.Row)).Take(top)];
    }

    private static (long Space, int Dimensions) SpaceOf(Statements sql, long scope, string name)
    {
        using Rows reader = sql.Read("SELECT number, dimensions FROM space WHERE scope = ?1 AND name = ?2", scope, name);
        return reader.Read() ? (reader.Int64(0), reader.Int32(1)) : default;
    }

    /// <summary>Rows that have expired and are not purged yet, as long as they are few.</summary>
    private static HashSet<long> Expired(Statements sql, long scope, long space, DateTimeOffset now) =>
        [.. sql.Numbers($"SELECT row FROM memory WHERE scope = ?1 AND expires <= ?2 AND space = ?3 AND archived IS NULL LIMIT {FewExpired + 1}", scope, now.UtcTicks, space)];

    private static long[] Rows(Statements sql, long scope, long space, MemoryFilter? filter, DateTimeOffset now)
    {
        List<object?> values = [scope, now.UtcTicks, space];
        string conditions = FilterSql.Write(filter, values);
        return [.. sql.Numbers($"SELECT m.row FROM memory m WHERE m.scope = ?1 AND {MemoryReader.Alive} AND m.space = ?3{conditions}", [.. values])];
    }

    /// <summary>Compares every vector that passes.</summary>
    private static List<(long, double)> Scan(Statements sql, long scope, long space, MemoryQuery query, int top, DateTimeOffset now)
    {
        List<object?> values = [scope, now.UtcTicks, space];
        string conditions = FilterSql.Write(query.Filter, values);
        using Rows reader = sql.Read($"SELECT m.row, v.value FROM memory m JOIN vector v ON v.row = m.row WHERE m.scope = ?1 AND {MemoryReader.Alive} AND m.space = ?3{conditions}", [.. values]);
        PriorityQueue<long, double> best = new();
        while (reader.Read())
        {
            double score = TensorPrimitives.CosineSimilarity(Scale.Tame(query.Vector!.Value.Span), Scale.Tame(MemoryMarshal.Cast<byte, float>(reader.Bytes(1))));
            best.Enqueue(reader.Int64(0), score);
            if (best.Count > top)
            {
                best.Dequeue();
            }
        }

        return [.. best.UnorderedItems.OrderByDescending(static b => b.Priority).ThenBy(static b => b.Element).Select(static b => (b.Element, b.Priority))];
    }
}
