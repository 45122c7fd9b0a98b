using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Providers.Memory;

/// <summary>A memory and the links that begin at it as one line of JSON.</summary>
internal static class RecordJson
{
    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    public static void Write(Utf8JsonWriter json, MemoryRecord record, IReadOnlyList<MemoryEdge> links, bool vector)
    {
        json.WriteStartObject();
        json.WriteString("id", record.Id);
        json.WriteString("kind", record.Kind);
        json.WriteString("text", record.Text);
        Texts(json, "tags", record.Tags);
        if (record.Metadata is { } metadata)
        {
            json.WritePropertyName("metadata");
            metadata.WriteTo(json);
        }

        json.WriteNumber("importance", record.Importance);
        if (record.Provenance is { } provenance)
        {
            json.WriteStartObject("provenance");
            json.WriteString("source", provenance.Source);
            json.WriteString("actor", provenance.Actor);
            Texts(json, "evidence", provenance.Evidence);
            json.WriteNumber("trust", provenance.Trust);
            json.WriteEndObject();
        }

        Time(json, "created", record.Created);
        Time(json, "updated", record.Updated);
        Time(json, "expires", record.Expires);
        Time(json, "archived", record.Archived);
        json.WriteNumber("version", record.Version);
        if (vector && record is { Vector: { } numbers, VectorSpace: { } space })
        {
            json.WriteString("vector_space", space);
            json.WriteBase64String("vector", MemoryMarshal.AsBytes(numbers.Span));
        }

        if (links.Count > 0)
        {
            json.WriteStartArray("links");
            foreach (MemoryEdge link in links)
            {
                json.WriteStartObject();
                json.WriteString("relation", link.Relation.ToString());
                json.WriteString("to", link.To);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <exception cref="FormatException">The line is no memory; the message says why.</exception>
    public static (MemoryRecord Record, List<MemoryLink> Links) Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, s_strict);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"is no memory in JSON: {e.Message}", e);
        }
    }

    private static (MemoryRecord Record, List<MemoryLink> Links) Read(JsonElement json)
    {
        MemoryRecord record = new() { Text = "" };
        List<MemoryLink> links = [];
        foreach (JsonProperty property in json.EnumerateObject())
        {
            JsonElement value = property.Value;
            record = property.Name switch
            {
                "id" => record with { Id = value.GetString() ?? "" },
                "kind" => record with { Kind = value.GetString() ?? "" },
                "text" => record with { Text = value.GetString() ?? "" },
                "tags" => record with { Tags = Texts(value) },
                "metadata" => record with { Metadata = value.Clone() },
                "importance" => record with { Importance = value.GetDouble() },
                "provenance" => record with { Provenance = Provenance(value) },
                "created" => record with { Created = Time(value) },
                "updated" => record with { Updated = Time(value) },
                "expires" => record with { Expires = Time(value) },
                "archived" => record with { Archived = Time(value) },
                "version" => record,
                "vector" => record with { Vector = Vector(value) },
                "vector_space" => record with { VectorSpace = value.GetString() },
                "links" => Links(record, value, links),
                _ => throw new FormatException($"has the unknown property '{(property.Name.Length > 40 ? property.Name[..40] : property.Name)}'."),
            };
        }

        return (record, [.. links.Select(l => l with { From = record.Id })]);
    }

    private static MemoryRecord Links(MemoryRecord record, JsonElement json, List<MemoryLink> links)
    {
        foreach (JsonElement link in json.EnumerateArray())
        {
            string? relation = link.GetProperty("relation").GetString();
            links.Add(Enum.TryParse(relation, out MemoryRelation known) && Enum.IsDefined(known)
                ? new MemoryLink("", known, link.GetProperty("to").GetString() ?? "")
                : throw new FormatException($"has the unknown relation '{relation}'."));
        }

        return record;
    }

    private static MemoryProvenance Provenance(JsonElement json) => new()
    {
        Source = json.GetProperty("source").GetString() ?? "",
        Actor = json.TryGetProperty("actor", out JsonElement actor) ? actor.GetString() : null,
        Evidence = json.TryGetProperty("evidence", out JsonElement evidence) ? Texts(evidence) : [],
        Trust = json.TryGetProperty("trust", out JsonElement trust) ? trust.GetDouble() : 0.5,
    };

    private static float[] Vector(JsonElement json)
    {
        byte[] bytes = json.TryGetBytesFromBase64(out byte[]? given) && given.Length % sizeof(float) == 0 ? given : throw new FormatException("has a vector that is no base64 of 32-bit floats.");
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    private static DateTimeOffset Time(JsonElement json) => json.TryGetDateTimeOffset(out DateTimeOffset time) ? time.ToUniversalTime() : throw new FormatException("has a time that is not in ISO 8601.");

    private static List<string> Texts(JsonElement json) => [.. json.EnumerateArray().Select(static t => t.GetString() ?? "")];

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            json.WriteString(name, at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        }
    }
}
