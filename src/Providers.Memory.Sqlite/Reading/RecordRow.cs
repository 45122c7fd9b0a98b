using System.Globalization;
using System.Runtime.InteropServices;

namespace Providers.Memory.Sqlite;

/// <summary>A memory as a row of the database.</summary>
internal static class RecordRow
{
    /// <summary>The columns, in the order <see cref="Read"/> takes them; <c>m</c> is memory and <c>s</c> its space.</summary>
    public const string Columns = "m.row, m.id, m.kind, m.text, m.tags, m.metadata, m.importance, m.provenance, m.created, m.updated, m.expires, m.version, v.value, s.name, m.archived";

    /// <summary>The same columns of the table of earlier versions, <c>h</c>.</summary>
    public const string HistoryColumns = "h.row, h.id, h.kind, h.text, h.tags, h.metadata, h.importance, h.provenance, h.created, h.updated, h.expires, h.version, NULL, NULL, h.archived";

    public const string From = "memory m LEFT JOIN space s ON s.number = m.space LEFT JOIN vector v ON v.row = m.row";

    public static (long Row, MemoryRecord Record) Read(Rows rows) => (rows.Int64(0), new MemoryRecord
    {
        Id = rows.String(1),
        Kind = rows.String(2),
        Text = rows.String(3),
        Tags = RecordText.ReadTexts(rows.String(4)),
        Metadata = rows.StringOrNull(5) is { } metadata ? RecordText.ReadMetadata(metadata) : null,
        Importance = rows.Double(6),
        Provenance = rows.StringOrNull(7) is { } provenance ? RecordText.ReadProvenance(provenance) : null,
        Created = rows.Time(8),
        Updated = rows.Time(9),
        Expires = rows.TimeOrNull(10),
        Version = rows.Int64(11),
        Vector = rows.IsNull(12) ? (ReadOnlyMemory<float>?)null : ReadVector(rows.Bytes(12)),
        VectorSpace = rows.StringOrNull(13),
        Archived = rows.TimeOrNull(14),
    });

    /// <summary>Rows as a parameter for <c>json_each</c>.</summary>
    public static string List(IEnumerable<long> rows) => $"[{string.Join(',', rows.Select(static r => r.ToString(CultureInfo.InvariantCulture)))}]";

    public static float[] ReadVector(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
