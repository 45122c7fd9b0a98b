using System.Text.Json;

namespace Providers.Memory.VectorData;

/// <summary>An idempotency key that was used, as a row.</summary>
internal static class UsedKey
{
    public static string NameOf(MemoryScope scope, string key) => $"key/{scope.Tenant}/{scope.Namespace}/{key}";

    public static StoredRow Row(HeldKey key) => new(NameOf(key.Scope, key.Key), StoredRow.Key, RecordText.Write(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(key.Scope.Tenant);
        writer.WriteStringValue(key.Scope.Namespace);
        writer.WriteStringValue(key.Key);
        writer.WriteStringValue(key.Hash);
        writer.WriteStringValue(RecordText.WriteOutcomes(key.Result.Outcomes));
        writer.WriteNumberValue(key.Kept.UtcTicks);
        writer.WriteEndArray();
    }), StoredRow.NoVector);

    public static HeldKey Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return new HeldKey(
            new MemoryScope(root[0].GetString()!, root[1].GetString()!), root[2].GetString()!, root[3].GetString()!,
            new MemoryTransactionResult(RecordText.ReadOutcomes(root[4].GetString()!)), new DateTimeOffset(root[5].GetInt64(), TimeSpan.Zero));
    }
}
