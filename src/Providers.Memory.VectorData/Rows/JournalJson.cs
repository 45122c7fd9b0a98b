using System.Text.Json;

namespace Providers.Memory.VectorData;

/// <summary>Changes as the text of one row.</summary>
internal static class JournalJson
{
    public static string Write(IReadOnlyList<RowChange> changes) => RecordText.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (RowChange change in changes)
        {
            writer.WriteStringValue(change.Name);
            writer.WriteStringValue(change.Row?.Group);
            writer.WriteStringValue(change.Row?.Json);
        }

        writer.WriteEndArray();
    });

    public static List<RowChange> Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement[] parts = [.. document.RootElement.EnumerateArray()];
        List<RowChange> changes = [];
        for (int i = 0; i < parts.Length; i += 3)
        {
            string name = parts[i].GetString()!;
            changes.Add(new RowChange(name, parts[i + 1].GetString() is not { } group ? null
                : group == StoredRow.Memory ? MemoryDocument.Row(name, parts[i + 2].GetString()!)
                : new StoredRow(name, group, parts[i + 2].GetString()!, StoredRow.NoVector)));
        }

        return changes;
    }
}
