using System.Globalization;
using System.Text;

namespace Providers.Memory.Postgres;

/// <summary>Memories as columns of arrays, so that any number of them is written by one statement.</summary>
internal sealed class RowBatch(Layout layout, Terms terms)
{
    private readonly List<(long Row, MemoryRecord Record, long? Space)> _rows = [];

    public int Count => _rows.Count;

    private string Vectors => layout.Vector is null ? layout.VectorColumn : "vector, vector_exact";

    public void Add(long row, MemoryRecord record, long? space) => _rows.Add((row, record, space));

    /// <summary>Adds statements that store memories which were not there.</summary>
    public void Insert(Sql sql, long scope, string tenant)
    {
        _rows.Sort(static (a, b) => string.CompareOrdinal(a.Record.Id, b.Record.Id)); // all hosts in one order, so that none waits for another in a circle
        string[] ids = Column(static r => r.Record.Id);
        sql.Add(
            $"""
            WITH put AS (INSERT INTO {layout.Schema}memory (scope, tenant, id, kind, text, tags, metadata, importance, source, provenance, created, updated, expires, archived, version, space, bytes, {Vectors})
                SELECT $1, $2, * FROM {Unnest(8)} RETURNING row, id)
            INSERT INTO {layout.Schema}words (row, scope, length, hashes, times)
            SELECT put.row, $1, {Terms(3)} FROM put JOIN unnest($8::text[], $3::int[], $4::int[], $5::int[]) AS u(id, length, first, count) ON u.id COLLATE "C" = put.id
            """,
            [scope, tenant, .. Terms(), ids, .. Values()]);
    }

    /// <summary>Adds statements that put memories whole in the place of what was there.</summary>
    public void Replace(Sql sql, long scope)
    {
        sql.Add(
            $"""
            UPDATE {layout.Schema}memory m SET kind = u.kind, text = u.text, tags = u.tags, metadata = u.metadata, importance = u.importance, source = u.source, provenance = u.provenance, created = u.created,
                updated = u.updated, expires = u.expires, archived = u.archived, version = u.version, space = u.space, bytes = u.bytes, {string.Join(", ", Vectors.Split(", ").Select(static v => $"{v} = u.{v}"))}
            FROM {Unnest(1)} AS u(row, kind, text, tags, metadata, importance, source, provenance, created, updated, expires, archived, version, space, bytes, {Vectors}) WHERE m.row = u.row
            """.Replace("$1::text[]", "$1::bigint[]", StringComparison.Ordinal),
            [Rows(), .. Values()]);
        Reword(sql, scope);
    }

    /// <summary>Adds statements that change memories whose text and vector stay: without touching these, or any index where nothing else is indexed.</summary>
    public void Touch(Sql sql, long scope)
    {
        sql.Add(
            $"""
            UPDATE {layout.Schema}memory m SET kind = u.kind, tags = u.tags, metadata = u.metadata, importance = u.importance, source = u.source, provenance = u.provenance,
                updated = u.updated, expires = u.expires, archived = u.archived, version = u.version
            FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
                AS u(row, kind, tags, metadata, importance, source, provenance, updated, expires, archived, version) WHERE m.row = u.row
            """,
            Rows(), Column(static r => r.Record.Kind), Tags(), Metadata(), Column(static r => r.Record.Importance), Column(static r => r.Record.Provenance?.Source), Provenance(),
            Column(static r => r.Record.Updated.UtcTicks), Expires(), Archived(), Column(static r => r.Record.Version));
        Reword(sql, scope);
    }

    private void Reword(Sql sql, long scope) => sql.Add(
        $"""
        UPDATE {layout.Schema}words w SET length = u.length, hashes = u.hashes, times = u.times
        FROM (SELECT u.row, {Terms(3)} FROM unnest($2::bigint[], $3::int[], $4::int[], $5::int[]) AS u(row, length, first, count)) u
        WHERE w.scope = $1 AND w.row = u.row AND (w.hashes, w.times) IS DISTINCT FROM (u.hashes, u.times)
        """,
        [scope, Rows(), .. Terms()]);

    /// <summary>Length, hashes and times of one memory, cut out of those of all: an array of arrays there is not.</summary>
    /// <param name="first">The number of the first of the parameters of <see cref="Terms()"/>.</param>
    private static string Terms(int first) => string.Create(
        CultureInfo.InvariantCulture, $"u.length, (${first + 3}::bigint[])[u.first + 1:u.first + u.count] AS hashes, substring(${first + 4}::bytea FROM u.first + 1 FOR u.count) AS times");

    /// <summary>The terms of all memories: the lengths, where those of each begin and how many they are, the hashes, and the times.</summary>
    private object[] Terms()
    {
        int[] lengths = new int[_rows.Count], first = new int[_rows.Count], count = new int[_rows.Count];
        List<long> hashes = new(_rows.Count * 48); // most memories have fewer, and so many arrays of this size are not made anew while they grow
        List<byte> times = new(_rows.Count * 48);
        for (int i = 0; i < _rows.Count; i++)
        {
            first[i] = hashes.Count;
            lengths[i] = terms.AddTo(hashes, times, _rows[i].Record);
            count[i] = hashes.Count - first[i];
        }

        return [lengths, first, count, hashes, times.ToArray()];
    }

    private string Unnest(int first)
    {
        string[] types =
        [
            "text[]", "text[]", "text[]", "text[]", "text[]", "float8[]", "text[]", "text[]", "bigint[]", "bigint[]", "bigint[]", "bigint[]", "bigint[]", "bigint[]", "int[]", layout.VectorArray, .. layout.Vector is null ? Array.Empty<string>() : ["bytea[]"],
        ];
        return $"unnest({string.Join(", ", types.Select((type, i) => string.Create(CultureInfo.InvariantCulture, $"${first + i}::{type}")))})";
    }

    private object?[] Values() =>
    [
        Column(static r => r.Record.Kind), Column(static r => r.Record.Text), Tags(), Metadata(), Column(static r => r.Record.Importance), Column(static r => r.Record.Provenance?.Source), Provenance(),
        Column(static r => r.Record.Created.UtcTicks), Column(static r => r.Record.Updated.UtcTicks), Expires(), Archived(), Column(static r => r.Record.Version), Column(static r => r.Space),
        Column(static r => Encoding.UTF8.GetByteCount(r.Record.Text)), .. RecordRow.Vectors(layout, Column(static r => r.Record.Vector)),
    ];

    private long[] Rows() => Column(static r => r.Row);

    private string[] Tags() => Column(static r => RecordText.WriteTexts(r.Record.Tags));

    private string?[] Metadata() => Column(static r => r.Record.Metadata?.GetRawText());

    private string?[] Provenance() => Column(static r => RecordText.WriteProvenance(r.Record.Provenance));

    private long?[] Expires() => Column(static r => r.Record.Expires?.UtcTicks);

    private long?[] Archived() => Column(static r => r.Record.Archived?.UtcTicks);

    private T[] Column<T>(Func<(long Row, MemoryRecord Record, long? Space), T> value) => [.. _rows.Select(value)];
}
