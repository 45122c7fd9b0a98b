using System.Runtime.CompilerServices;

namespace Providers.Vectors;

/// <summary>
/// The ids a search may return. Resolved to a bitmap of rows once per index, then only for rows added since: keep and reuse it.
/// Safe for use by many threads.
/// </summary>
public sealed class VectorFilter
{
    private readonly Func<long, bool> _contains;
    private readonly ConditionalWeakTable<object, RowFilter> _resolved = [];

    private VectorFilter(Func<long, bool> contains) => _contains = contains;

    /// <summary>Lets a set of ids pass.</summary>
    /// <param name="ids">The ids, in any order.</param>
    /// <returns>The filter.</returns>
    public static VectorFilter FromIds(ReadOnlySpan<long> ids)
    {
        var set = new HashSet<long>(ids.Length);
        foreach (long id in ids)
        {
            set.Add(id);
        }

        return new VectorFilter(set.Contains);
    }

    /// <summary>Lets pass the ids for which a function says so; its answer for an id must not change.</summary>
    /// <param name="contains">Called once per stored row, by the searching thread.</param>
    /// <returns>The filter.</returns>
    public static VectorFilter FromPredicate(Func<long, bool> contains)
    {
        ArgumentNullException.ThrowIfNull(contains);
        return new VectorFilter(contains);
    }

    internal RowFilter Resolve(View view)
    {
        _resolved.TryGetValue(view.Rows, out RowFilter? known);
        if (known is not null && known.Covered >= view.Count)
        {
            return known;
        }

        var fresh = RowFilter.Create(view, _contains, known);
        _resolved.AddOrUpdate(view.Rows, fresh);
        return fresh;
    }
}
