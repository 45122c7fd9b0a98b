using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>A memory as a row of the database.</summary>
internal static class RecordRow
{
    /// <summary>The columns, in the order <see cref="Read"/> takes them; <c>m</c> is memory and <c>s</c> its space.</summary>
    public const string Columns = "m.row, m.id, m.kind, m.text, m.tags, m.metadata, m.importance, m.provenance, m.created, m.updated, m.expires, m.version, v.value, s.name, m.archived";

    /// <summary>The same columns of the table of earlier versions, <c>h</c>.</summary>
    public const string HistoryColumns = "h.row, h.id, h.kind, h.text, h.tags, h.metadata, h.importance, h.provenance, h.created, h.updated, h.expires, h.version, NULL, NULL, h.archived";

    public const string From = "memory m LEFT JOIN space s ON s.number = m.space LEFT JOIN vector v ON v.row = m.row";

    public static (long Row, MemoryRecord Record) Read(SqliteDataReader reader) => (reader.GetInt64(0), new MemoryRecord
    {
        Id = reader.GetString(1),
        Kind = reader.GetString(2),
        Text = reader.GetString(3),
        Tags = ReadTexts(reader.GetString(4)),
        Metadata = reader.IsDBNull(5) ? null : ReadJson(reader.GetString(5)),
        Importance = reader.GetDouble(6),
        Provenance = reader.IsDBNull(7) ? null : ReadProvenance(reader.GetString(7)),
        Created = new DateTimeOffset(reader.GetInt64(8), TimeSpan.Zero),
        Updated = new DateTimeOffset(reader.GetInt64(9), TimeSpan.Zero),
        Expires = reader.IsDBNull(10) ? null : new DateTimeOffset(reader.GetInt64(10), TimeSpan.Zero),
        Version = reader.GetInt64(11),
        Vector = reader.IsDBNull(12) ? (ReadOnlyMemory<float>?)null : ReadVector((byte[])reader.GetValue(12)),
        VectorSpace = reader.IsDBNull(13) ? null : reader.GetString(13),
        Archived = reader.IsDBNull(14) ? null : new DateTimeOffset(reader.GetInt64(14), TimeSpan.Zero),
    });

    public static float[] ReadVector(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    public static byte[] WriteVector(ReadOnlyMemory<float> vector) => MemoryMarshal.AsBytes(vector.Span).ToArray();

    public static string WriteTexts(IReadOnlyList<string> texts) => texts.Count == 0 ? "[]" : Write(writer => WriteArray(writer, texts));

    public static string? WriteProvenance(MemoryProvenance? provenance) => provenance is null ? null : Write(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(provenance.Source);
        writer.WriteStringValue(provenance.Actor);
        writer.WriteNumberValue(provenance.Trust);
        WriteArray(writer, provenance.Evidence);
        writer.WriteEndArray();
    });

    public static string WriteOutcomes(IReadOnlyList<MemoryOutcome> outcomes) => Write(writer =>
    {
        writer.WriteStartArray();
        foreach (MemoryOutcome outcome in outcomes)
        {
            writer.WriteNumberValue((int)outcome.Change);
            writer.WriteStringValue(outcome.Id);
            writer.WriteNumberValue(outcome.Version);
        }

        writer.WriteEndArray();
    });

    public static List<MemoryOutcome> ReadOutcomes(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement[] values = [.. document.RootElement.EnumerateArray()];
        return [.. Enumerable.Range(0, values.Length / 3).Select(i => new MemoryOutcome((MemoryChange)values[3 * i].GetInt32(), values[(3 * i) + 1].GetString()!, values[(3 * i) + 2].GetInt64()))];
    }

    private static MemoryProvenance ReadProvenance(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return new MemoryProvenance { Source = root[0].GetString()!, Actor = root[1].GetString(), Trust = root[2].GetDouble(), Evidence = [.. root[3].EnumerateArray().Select(static e => e.GetString()!)] };
    }

    private static IReadOnlyList<string> ReadTexts(string json)
    {
        if (json == "[]")
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(static e => e.GetString()!)];
    }

    private static JsonElement ReadJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static void WriteArray(Utf8JsonWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray();
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            write(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
