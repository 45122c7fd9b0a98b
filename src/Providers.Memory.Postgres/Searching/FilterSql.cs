using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Providers.Memory.Postgres;

/// <summary>Which memories <c>m</c> a statement looks at, as conditions begun with AND; values only ever as parameters, and texts only ever as hashes.</summary>
internal static class FilterSql
{
    private static readonly MemoryFilter s_active = new();

    /// <param name="layout">The tables.</param>
    /// <param name="terms">The scope's terms.</param>
    /// <param name="filter">The filter; <see langword="null"/>: all that are active.</param>
    /// <param name="now">The time, by which what has expired is left out; <see langword="null"/>: it is not.</param>
    /// <param name="values">The statement's parameters so far; the filter's are added.</param>
    public static string Write(Layout layout, Terms terms, MemoryFilter? filter, DateTimeOffset? now, List<object?> values)
    {
        StringBuilder sql = new();
        string Next(object value)
        {
            values.Add(value);
            return string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
        }

        if (now is { } time)
        {
            sql.Append($" AND (m.expires IS NULL OR m.expires > {Next(time.UtcTicks)})");
        }

        filter ??= s_active;
        sql.Append(filter.State switch
        {
            MemoryState.Active => " AND m.archived IS NULL",
            MemoryState.Archived => " AND m.archived IS NOT NULL",
            _ => "",
        });
        if (filter.Ids.Count > 0)
        {
            sql.Append($" AND m.id = ANY({Next(filter.Ids.ToArray())})");
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
            sql.Append($" AND coalesce(m.space, 0) <> coalesce((SELECT o.number FROM {layout.Schema}space o WHERE o.scope = m.scope AND o.name = {Next(space)}), -1)");
        }

        string labels = Labels(terms, filter, Next);
        if (labels.Length > 0)
        {
            sql.Append($" AND EXISTS (SELECT 1 FROM {layout.Schema}words l WHERE l.scope = m.scope AND l.row = m.row{labels})");
        }

        if (filter.CreatedFrom is { } from)
        {
            sql.Append($" AND m.created >= {Next(from.UtcTicks)}");
        }

        if (filter.CreatedBefore is { } before)
        {
            sql.Append($" AND m.created < {Next(before.UtcTicks)}");
        }

        if (filter.MinImportance is { } least)
        {
            sql.Append($" AND m.importance >= {Next(least)}");
        }

        return sql.ToString();
    }

    /// <summary>The conditions on labels, as hashes that must be among those of a memory's words <c>l</c>.</summary>
    private static string Labels(Terms terms, MemoryFilter filter, Func<object, string> next)
    {
        List<long> all = [.. filter.TagsAll.Select(terms.Tag)];
        if (filter.Source is not null)
        {
            all.Add(terms.Source(filter.Source));
        }

        foreach ((string name, JsonElement value) in filter.Metadata)
        {
            all.Add(terms.Value(name, value)!.Value);
        }

        string Among(long[] hashes, string way) => hashes.Length == 0 ? "" : $" AND l.hashes {way} {next(hashes)}::bigint[]";
        return Among([.. all], "@>") + Among([.. filter.Kinds.Select(terms.Kind)], "&&") + Among([.. filter.TagsAny.Select(terms.Tag)], "&&");
    }
}
