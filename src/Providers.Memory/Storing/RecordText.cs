using System.Text;
using System.Text.Json;

namespace Providers.Memory;

/// <summary>The parts of a memory that stores keep as JSON.</summary>
internal static class RecordText
{
    public static string WriteTexts(IReadOnlyList<string> texts) => texts.Count == 0 ? "[]" : Write(writer => WriteArray(writer, texts));

    public static IReadOnlyList<string> ReadTexts(string json)
    {
        if (json == "[]")
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(static e => e.GetString()!)];
    }

    public static JsonElement ReadMetadata(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public static string? WriteProvenance(MemoryProvenance? provenance) => provenance is null ? null : Write(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(provenance.Source);
        writer.WriteStringValue(provenance.Actor);
        writer.WriteNumberValue(provenance.Trust);
        WriteArray(writer, provenance.Evidence);
        writer.WriteEndArray();
    });

    public static MemoryProvenance ReadProvenance(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return new MemoryProvenance { Source = root[0].GetString()!, Actor = root[1].GetString(), Trust = root[2].GetDouble(), Evidence = [.. root[3].EnumerateArray().Select(static e => e.GetString()!)] };
    }

    /// <summary>A whole memory without its vector, as a version that is kept.</summary>
    public static string WriteRecord(MemoryRecord record) => Write(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(record.Id);
        writer.WriteStringValue(record.Kind);
        writer.WriteStringValue(record.Text);
        WriteArray(writer, record.Tags);
        writer.WriteStringValue(record.Metadata?.GetRawText());
        writer.WriteNumberValue(record.Importance);
        writer.WriteStringValue(WriteProvenance(record.Provenance));
        foreach (long? number in (long?[])[record.Created.UtcTicks, record.Updated.UtcTicks, record.Expires?.UtcTicks, record.Archived?.UtcTicks, record.Version])
        {
            if (number is { } value)
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        writer.WriteEndArray();
    });

    public static MemoryRecord ReadRecord(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        DateTimeOffset? Time(int at) => root[at].ValueKind is JsonValueKind.Null ? null : new DateTimeOffset(root[at].GetInt64(), TimeSpan.Zero);
        return new MemoryRecord
        {
            Id = root[0].GetString()!,
            Kind = root[1].GetString()!,
            Text = root[2].GetString()!,
            Tags = [.. root[3].EnumerateArray().Select(static e => e.GetString()!)],
            Metadata = root[4].GetString() is { } metadata ? ReadMetadata(metadata) : null,
            Importance = root[5].GetDouble(),
            Provenance = root[6].GetString() is { } provenance ? ReadProvenance(provenance) : null,
            Created = Time(7)!.Value,
            Updated = Time(8)!.Value,
            Expires = Time(9),
            Archived = Time(10),
            Version = root[11].GetInt64(),
        };
    }

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

    public static IReadOnlyList<MemoryOutcome> ReadOutcomes(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement[] values = [.. document.RootElement.EnumerateArray()];
        return [.. Enumerable.Range(0, values.Length / 3).Select(i => new MemoryOutcome((MemoryChange)values[3 * i].GetInt32(), values[(3 * i) + 1].GetString()!, values[(3 * i) + 2].GetInt64()))];
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

    /// <summary>Writes JSON as text.</summary>
    public static string Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
