using System.Runtime.InteropServices;
using System.Text.Json;

namespace Providers.Memory.VectorData;

/// <summary>A memory with its earlier versions and its links to others as one row, so that it changes as one.</summary>
internal static class MemoryDocument
{
    public static string NameOf(MemoryScope scope, string id) => $"memory/{scope.Tenant}/{scope.Namespace}/{id}";

    public static StoredRow Row(MemoryScope scope, HeldMemory memory)
    {
        string json = RecordText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("tenant", scope.Tenant);
            writer.WriteString("namespace", scope.Namespace);
            writer.WriteString("record", RecordText.WriteRecord(memory.Record));
            if (memory.Record is { Vector: { } vector, VectorSpace: { } space })
            {
                writer.WriteString("space", space);
                writer.WriteBase64String("vector", MemoryMarshal.AsBytes(vector.Span)); // the numbers themselves: a store may round or scale its own
            }

            writer.WriteStartArray("history");
            foreach (MemoryRecord version in memory.History)
            {
                writer.WriteStringValue(RecordText.WriteRecord(version));
            }

            writer.WriteEndArray();
            writer.WriteStartArray("links");
            foreach (MemoryLink link in memory.Links)
            {
                writer.WriteNumberValue((int)link.Relation);
                writer.WriteStringValue(link.To);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        return new StoredRow(NameOf(scope, memory.Record.Id), StoredRow.Memory, json, VectorOf(memory.Record));
    }

    /// <summary>The row of a document that was read from the journal.</summary>
    public static StoredRow Row(string name, string json) => new(name, StoredRow.Memory, json, VectorOf(Read(json).Memory.Record));

    public static (MemoryScope Scope, HeldMemory Memory) Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        MemoryRecord record = RecordText.ReadRecord(root.GetProperty("record").GetString()!);
        if (root.TryGetProperty("vector", out JsonElement vector))
        {
            record = record with { Vector = MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray(), VectorSpace = root.GetProperty("space").GetString() };
        }

        JsonElement[] links = [.. root.GetProperty("links").EnumerateArray()];
        return (new MemoryScope(root.GetProperty("tenant").GetString()!, root.GetProperty("namespace").GetString()!), new HeldMemory(
            record,
            [.. root.GetProperty("history").EnumerateArray().Select(static v => RecordText.ReadRecord(v.GetString()!))],
            [.. Enumerable.Range(0, links.Length / 2).Select(i => new MemoryLink(record.Id, (MemoryRelation)links[2 * i].GetInt32(), links[(2 * i) + 1].GetString()!))]));
    }

    private static ReadOnlyMemory<float> VectorOf(MemoryRecord record) => record.Vector is { } vector && vector.Span.IndexOfAnyExcept(0f) >= 0 ? Scale.Tame(vector.Span).ToArray() : StoredRow.NoVector;
}
