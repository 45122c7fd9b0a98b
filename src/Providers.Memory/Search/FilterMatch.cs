using System.Text.Json;

namespace Providers.Memory;

/// <summary>Decides whether a record passes a filter. Expiry is not its affair.</summary>
internal static class FilterMatch
{
    private static readonly MemoryFilter s_active = new();

    /// <summary>Whether a condition is set; <see cref="MemoryFilter.State"/> is none.</summary>
    public static bool HasCondition(this MemoryFilter filter) =>
        filter.Ids.Count + filter.Kinds.Count + filter.TagsAny.Count + filter.TagsAll.Count + filter.Metadata.Count > 0
        || filter is not { Source: null, CreatedFrom: null, CreatedBefore: null, UpdatedBefore: null, ArchivedBefore: null, MinImportance: null, OutsideSpace: null };

    public static bool Passes(this MemoryFilter? filter, MemoryRecord record)
    {
        filter ??= s_active;
        return (filter.State is MemoryState.Any || (filter.State is MemoryState.Archived) == (record.Archived is not null))
            && (filter.Ids.Count == 0 || filter.Ids.Contains(record.Id))
            && (filter.Kinds.Count == 0 || filter.Kinds.Contains(record.Kind))
            && (filter.TagsAny.Count == 0 || filter.TagsAny.Any(record.Tags.Contains))
            && filter.TagsAll.All(record.Tags.Contains)
            && (filter.Source is null || record.Provenance?.Source == filter.Source)
            && !(record.Created < filter.CreatedFrom)
            && !(record.Created >= filter.CreatedBefore)
            && !(record.Updated >= filter.UpdatedBefore)
            && (filter.ArchivedBefore is not { } before || record.Archived < before)
            && !(record.Importance < filter.MinImportance)
            && (filter.OutsideSpace is not { } space || record.VectorSpace != space)
            && filter.Metadata.All(wanted => Equal(record.Metadata, wanted.Key, wanted.Value));
    }

    private static bool Equal(JsonElement? metadata, string key, JsonElement wanted) =>
        metadata is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(key, out JsonElement there) && there.ValueKind == wanted.ValueKind && wanted.ValueKind switch
        {
            JsonValueKind.String => there.GetString() == wanted.GetString(),
            JsonValueKind.Number => there.GetDouble().Equals(wanted.GetDouble()),
            _ => true,
        };
}
