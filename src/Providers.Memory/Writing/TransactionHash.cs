using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Providers.Memory;

/// <summary>A fingerprint of a transaction's changes: the same key with another fingerprint is a mistake of the caller.</summary>
internal static class TransactionHash
{
    public static string Of(MemoryTransaction transaction)
    {
        if (transaction.Fingerprint is { } given)
        {
            return given;
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartArray();
            writer.WriteBooleanValue(transaction.KeepHistory);
            foreach (MemoryOperation operation in transaction.Operations)
            {
                Write(writer, operation);
            }

            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static void Write(Utf8JsonWriter writer, MemoryOperation operation)
    {
        writer.WriteStartArray();
        switch (operation)
        {
            case MemoryUpsert { Record: var record } upsert:
                writer.WriteStringValue("upsert");
                Write(writer, record.Id, record.Kind, record.Text, record.VectorSpace, record.Provenance?.Source, record.Provenance?.Actor);
                Write(writer, record.Tags);
                Write(writer, record.Provenance?.Evidence);
                Write(writer, record.Metadata, record.Vector);
                Write(writer, record.Importance, record.Provenance?.Trust, upsert.ExpectedVersion, record.Expires?.UtcTicks);
                Write(writer, upsert.KeepTimes ? 1 : 0, null, record.Archived?.UtcTicks, upsert.KeepTimes ? record.Created.UtcTicks ^ (record.Updated.UtcTicks << 1) : null);
                break;
            case MemoryPatch patch:
                writer.WriteStringValue("patch");
                Write(writer, patch.Id, patch.Text, patch.VectorSpace);
                Write(writer, patch.Tags);
                Write(writer, patch.Metadata, patch.Vector);
                Write(writer, patch.Tags is [] ? "no tags" : null, patch.Metadata is { ValueKind: JsonValueKind.Null } ? "no metadata" : null); // taken away, not left as they are
                Write(writer, patch.Importance, patch.Archived is { } archived ? archived ? 1 : 0 : null, patch.ExpectedVersion, patch.Expires?.UtcTicks);
                break;
            case MemoryEmbed embed:
                writer.WriteStringValue("embed");
                Write(writer, embed.Id, embed.VectorSpace);
                Write(writer, null, embed.Vector);
                Write(writer, null, null, embed.ExpectedVersion, null);
                break;
            case MemoryLink link:
                writer.WriteStringValue("link");
                Write(writer, link.From, link.Relation.ToString(), link.To);
                break;
            case MemoryUnlink link:
                writer.WriteStringValue("unlink");
                Write(writer, link.From, link.Relation.ToString(), link.To);
                break;
            case MemoryDelete delete:
                writer.WriteStringValue("delete");
                Write(writer, delete.Id);
                Write(writer, null, null, delete.ExpectedVersion, null);
                break;
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, params ReadOnlySpan<string?> texts)
    {
        foreach (string? text in texts)
        {
            writer.WriteStringValue(text);
        }
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<string>? texts)
    {
        writer.WriteStartArray();
        foreach (string text in texts ?? [])
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement? metadata, ReadOnlyMemory<float>? vector)
    {
        if (metadata is { ValueKind: not JsonValueKind.Undefined } json)
        {
            json.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteBase64StringValue(vector is { } numbers ? MemoryMarshal.AsBytes(numbers.Span) : []);
    }

    private static void Write(Utf8JsonWriter writer, double? first, double? second, long? third, long? fourth)
    {
        writer.WriteStringValue($"{first:R} {second:R} {third} {fourth}");
    }
}
