using System.Globalization;
using System.Text.Json;

namespace Providers.Memory.Sqlite;

/// <summary>A filter as conditions on <c>memory m</c>; values only ever as parameters.</summary>
internal static class FilterSql
{
    private const string Active = " AND m.archived IS NULL";

    /// <summary>Writes the conditions, each begun with AND.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="values">The statement's parameters so far; the filter's are added.</param>
    public static string Write(MemoryFilter? filter, List<object?> values)
    {
        if (filter is null)
        {
            return Active;
        }

        System.Text.StringBuilder sql = new(filter.State switch { MemoryState.Active => Active, MemoryState.Archived => " AND m.archived IS NOT NULL", _ => "" });
        string Next(object? value)
        {
            values.Add(value);
            return string.Create(CultureInfo.InvariantCulture, $"?{values.Count}");
        }

        if (filter.Ids.Count > 0)
        {
            sql.Append($" AND m.id IN ({string.Join(", ", filter.Ids.Select(Next))})");
        }

        if (filter.Kinds.Count > 0)
        {
            sql.Append($" AND m.kind IN ({string.Join(", ", filter.Kinds.Select(Next))})");
        }

        if (filter.TagsAny.Count > 0)
        {
            sql.Append($" AND m.row IN (SELECT t.row FROM tag t WHERE t.scope = m.scope AND t.tag IN ({string.Join(", ", filter.TagsAny.Select(Next))}))");
        }

        foreach (string tag in filter.TagsAll)
        {
            sql.Append($" AND EXISTS (SELECT 1 FROM tag t WHERE t.scope = m.scope AND t.tag = {Next(tag)} AND t.row = m.row)");
        }

        if (filter.Source is not null)
        {
            sql.Append($" AND m.source = {Next(filter.Source)}");
        }

        if (filter.CreatedFrom is { } from)
        {
            sql.Append($" AND m.created >= {Next(from.UtcTicks)}");
        }

        if (filter.CreatedBefore is { } before)
        {
            sql.Append($" AND m.created < {Next(before.UtcTicks)}");
        }

        if (filter.UpdatedBefore is { } updated)
        {
            sql.Append($" AND m.updated < {Next(updated.UtcTicks)}");
        }

        if (filter.ArchivedBefore is { } archived)
        {
            sql.Append($" AND m.archived < {Next(archived.UtcTicks)}");
        }

        if (filter.OutsideSpace is { } space)
        {
            sql.Append($" AND coalesce(m.space, -1) <> coalesce((SELECT n.number FROM space n WHERE n.scope = m.scope AND n.name = {Next(space)}), -2)");
        }

        if (filter.MinImportance is { } least)
        {
            sql.Append($" AND m.importance >= {Next(least)}");
        }

        foreach ((string key, JsonElement wanted) in filter.Metadata)
        {
            (string types, object? value) = wanted.ValueKind switch
            {
                JsonValueKind.String => ("'text'", wanted.GetString()),
                JsonValueKind.Number => ("'integer', 'real'", wanted.GetDouble()),
                JsonValueKind.True => ("'true'", 1L),
                _ => ("'false'", (object?)0L),
            };
            sql.Append($" AND EXISTS (SELECT 1 FROM json_each(m.metadata) j WHERE j.key = {Next(key)} AND j.type IN ({types}) AND j.value = {Next(value)})");
        }

        return sql.ToString();
    }
}
