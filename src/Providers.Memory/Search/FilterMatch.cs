using System.Text.Json;

namespace Providers.Memory;

/// <summary>Decides whether a record passes a filter.</summary>
internal static class FilterMatch
{
    public static bool Passes(this MemoryFilter? filter, MemoryRecord record) =>
        filter is null
        || ((filter.Kinds.Count == 0 || filter.Kinds.Contains(record.Kind))
            && (filter.TagsAny.Count == 0 || filter.TagsAny.Any(record.Tags.Contains))
            && filter.TagsAll.All(record.Tags.Contains)
            && (filter.Source is null || record.Provenance?.Source == filter.Source)
            && !(record.Created < filter.CreatedFrom)
            && !(record.Created >= filter.CreatedBefore)
            && !(record.Importance < filter.MinImportance)
            && filter.Metadata.All(wanted => Equal(record.Metadata, wanted.Key, wanted.Value)));

    private static bool Equal(JsonElement? metadata, string key, JsonElement wanted) =>
        metadata is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(key, out JsonElement there) && there.ValueKind == wanted.ValueKind && wanted.ValueKind switch
        {
            JsonValueKind.String => there.GetString() == wanted.GetString(),
            JsonValueKind.Number => there.GetDouble().Equals(wanted.GetDouble()),
            _ => true,
        };
}
