using System.Text.Json;

namespace Providers.Memory;

/// <summary>Lays every redactor over the texts of a change.</summary>
internal sealed class Redaction(IReadOnlyList<IMemoryRedactor> redactors)
{
    public string Apply(string text)
    {
        foreach (IMemoryRedactor redactor in redactors)
        {
            text = redactor.Redact(text);
        }

        return text;
    }

    public MemoryOperation Apply(MemoryOperation operation) => redactors.Count == 0 ? operation : operation switch
    {
        MemoryUpsert upsert => upsert with { Record = Apply(upsert.Record) },
        MemoryPatch patch => Apply(patch),
        _ => operation,
    };

    private MemoryRecord Apply(MemoryRecord record)
    {
        string text = Apply(record.Text);
        return record with
        {
            Text = text,
            Metadata = Apply(record.Metadata),
            Tags = Apply(record.Tags),
            // A vector of the unredacted text says what was taken out.
            Vector = text == record.Text ? record.Vector : null,
            VectorSpace = text == record.Text ? record.VectorSpace : null,
        };
    }

    private MemoryPatch Apply(MemoryPatch patch)
    {
        string? text = patch.Text is null ? null : Apply(patch.Text);
        return patch with
        {
            Text = text,
            Metadata = Apply(patch.Metadata),
            Tags = patch.Tags is null ? null : Apply(patch.Tags),
            Vector = text == patch.Text ? patch.Vector : null,
            VectorSpace = text == patch.Text ? patch.VectorSpace : null,
        };
    }

    private string[] Apply(IReadOnlyList<string> tags) => [.. tags.Select(Apply).Distinct(StringComparer.Ordinal)];

    private JsonElement? Apply(JsonElement? metadata)
    {
        if (metadata is not { ValueKind: JsonValueKind.Object } json)
        {
            return metadata;
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            Write(writer, json);
        }

        using JsonDocument document = JsonDocument.Parse(stream.GetBuffer().AsMemory(0, (int)stream.Length));
        return document.RootElement.Clone();
    }

    private void Write(Utf8JsonWriter writer, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty property in json.EnumerateObject())
                {
                    writer.WritePropertyName(Apply(property.Name));
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in json.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Apply(json.GetString()!));
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
