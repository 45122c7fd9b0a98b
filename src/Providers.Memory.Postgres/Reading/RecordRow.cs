using System.Runtime.InteropServices;
using Npgsql;
using Pgvector;

namespace Providers.Memory.Postgres;

/// <summary>A memory as a row.</summary>
internal static class RecordRow
{
    /// <summary>Reads the columns of <see cref="Layout.Columns"/>.</summary>
    public static (long Row, MemoryRecord Record) Read(NpgsqlDataReader reader) => (reader.GetInt64(0), new MemoryRecord
    {
        Id = reader.GetString(1),
        Kind = reader.GetString(2),
        Text = reader.GetString(3),
        Tags = RecordText.ReadTexts(reader.GetString(4)),
        Metadata = reader.IsDBNull(5) ? null : RecordText.ReadMetadata(reader.GetString(5)),
        Importance = reader.GetDouble(6),
        Provenance = reader.IsDBNull(7) ? null : RecordText.ReadProvenance(reader.GetString(7)),
        Created = Time(reader.GetInt64(8)),
        Updated = Time(reader.GetInt64(9)),
        Expires = reader.IsDBNull(10) ? null : Time(reader.GetInt64(10)),
        Archived = reader.IsDBNull(11) ? null : Time(reader.GetInt64(11)),
        Version = reader.GetInt64(12),
        VectorSpace = reader.IsDBNull(13) ? null : reader.GetString(13),
        Vector = reader.IsDBNull(14) ? (ReadOnlyMemory<float>?)null : Vector(reader),
    });

    public static async Task<List<(long Row, MemoryRecord Record)>> ReadAllAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        List<(long, MemoryRecord)> found = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(Read(reader));
        }

        return found;
    }

    public static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    /// <summary>Vectors as parameters: one for each column of vectors there is.</summary>
    public static object[] Vectors(Layout layout, IReadOnlyList<ReadOnlyMemory<float>?> vectors) => layout.Vector is null ? [vectors.Select(Bytes).ToArray()]
        :
        [
            vectors.Select(static v => v is { } numbers ? new Vector(IsTame(numbers) ? numbers : Scale.Tame(numbers.Span).ToArray()) : null).ToArray(),
            vectors.Select(static v => v is { } numbers && !IsTame(numbers) ? Bytes(numbers) : null).ToArray(),
        ];

    private static bool IsTame(ReadOnlyMemory<float> vector) => Scale.Tame(vector.Span) == vector.Span;

    private static byte[]? Bytes(ReadOnlyMemory<float>? vector) => vector is { } numbers ? MemoryMarshal.AsBytes(numbers.Span).ToArray() : null;

    private static ReadOnlyMemory<float> Vector(NpgsqlDataReader reader) => reader.GetValue(14) is Vector vector && (reader.FieldCount == 15 || reader.IsDBNull(15)) ? vector.Memory
        : MemoryMarshal.Cast<byte, float>((byte[])reader.GetValue(reader.FieldCount - 1)).ToArray();
}
