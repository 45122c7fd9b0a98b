using System.Text;
using System.Text.Json;

namespace Providers.Memory;

/// <summary>What is asked: searches, listings, filters, links.</summary>
internal sealed partial class MemoryCheck
{
    private const int FilterValues = 64;
    private const int FilterIds = 1_000;

    public MemoryCheck Query(MemoryScope scope, MemoryQuery query)
    {
        Scope(scope);
        ArgumentNullException.ThrowIfNull(query);
        bool vector = Vector("vector", query.Vector, query.VectorSpace);
        bool words = !string.IsNullOrWhiteSpace(query.Text);
        if (query.Mode is MemorySearchMode.Keyword ? !words : !words && !vector)
        {
            _errors.Add(query.Mode is MemorySearchMode.Keyword ? "text: is missing; a keyword search needs words." : "text: is missing; give a text or a vector to look for.");
        }

        if (words && Encoding.UTF8.GetByteCount(query.Text!) > limits.TextBytes)
        {
            _errors.Add($"text: has {Encoding.UTF8.GetByteCount(query.Text!)} bytes; at most {limits.TextBytes} are allowed.");
        }

        Range("top", query.Top, 1, limits.Results);
        Share("min_score", query.MinScore);
        Filter(query.Filter);
        return this;
    }

    public MemoryCheck List(MemoryScope scope, MemoryListOptions options)
    {
        Scope(scope);
        Range("limit", options.Limit, 1, limits.Results);
        Filter(options.Filter);
        return this;
    }

    public MemoryCheck Related(MemoryScope scope, string id, MemoryRelatedOptions options)
    {
        Scope(scope).Id("id", id);
        Range("depth", options.Depth, 1, 10);
        Range("limit", options.Limit, 1, MostLinks);
        foreach (MemoryRelation relation in options.Relations)
        {
            Relation("relations", relation);
        }

        return this;
    }

    public MemoryCheck Import(MemoryScope scope, MemoryImportOptions options)
    {
        Scope(scope);
        if (options.FromLine < 1)
        {
            _errors.Add($"from_line: is {options.FromLine}; it must be at least 1.");
        }

        Range("max_errors", options.MaxErrors, 0, int.MaxValue);
        return this;
    }

    public MemoryCheck Completion(string prefix, int top)
    {
        Length("prefix", prefix, 0, 128);
        Range("top", top, 1, limits.Results);
        return this;
    }

    /// <summary>Checks the filter of a deletion; without a condition it is refused unless everything may go.</summary>
    public MemoryCheck Deletion(MemoryScope scope, MemoryFilter? filter, bool everything)
    {
        Scope(scope);
        Filter(filter);
        if (!everything && filter?.HasCondition() != true)
        {
            _errors.Add("filter: has no condition; set at least one, so that not everything is deleted by mistake.");
        }

        return this;
    }

    private void Filter(MemoryFilter? filter)
    {
        if (filter is null)
        {
            return;
        }

        int values = filter.Kinds.Count + filter.TagsAny.Count + filter.TagsAll.Count + filter.Metadata.Count;
        if (values > FilterValues)
        {
            _errors.Add($"filter: has {values} values; at most {FilterValues} are allowed.");
        }

        if (filter.Ids.Count > FilterIds)
        {
            _errors.Add($"filter.ids: has {filter.Ids.Count} ids; at most {FilterIds} are allowed.");
        }

        foreach (string text in filter.Kinds.Concat(filter.TagsAny).Concat(filter.TagsAll).Concat(filter.Ids).Append(filter.Source).Append(filter.OutsideSpace).OfType<string>())
        {
            Length("filter", text, 0, 1_024);
        }

        foreach ((string key, JsonElement value) in filter.Metadata)
        {
            if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False))
            {
                _errors.Add($"filter.metadata.{Shown(key)}: is {value.ValueKind}; only strings, numbers and booleans can be compared.");
            }
        }

        if (filter.MinImportance is { } least)
        {
            Share("filter.min_importance", least);
        }
    }
}
