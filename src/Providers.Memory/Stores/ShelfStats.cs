using System.Text;

namespace Providers.Memory;

/// <summary>Counts what a shelf holds.</summary>
internal static class ShelfStats
{
    public static MemoryStats Of(ScopeShelf shelf, DateTimeOffset now)
    {
        MemoryRecord[] alive = [.. shelf.Alive(now)], active = [.. alive.Where(static r => r.Archived is null)];
        HashSet<string> ids = new(alive.Select(static r => r.Id), StringComparer.Ordinal);
        return new MemoryStats(active.Length, active.Sum(static r => (long)Encoding.UTF8.GetByteCount(r.Text)))
        {
            ByKind = active.GroupBy(static r => r.Kind).ToDictionary(static g => g.Key, static g => (long)g.Count()),
            ByTag = Tags(active).Take(100).ToDictionary(static t => t.Key, static t => t.Value),
            BySpace = active.Where(static r => r.VectorSpace is not null).GroupBy(static r => r.VectorSpace!).ToDictionary(static g => g.Key, static g => (long)g.Count()),
            Archived = alive.Length - active.Length,
            Links = shelf.Links.Count(l => ids.Contains(l.From) && ids.Contains(l.To)),
            Oldest = active.Length == 0 ? null : active.Min(static r => r.Created),
            Newest = active.Length == 0 ? null : active.Max(static r => r.Created),
        };
    }

    /// <summary>The tags, the most frequent first.</summary>
    public static IEnumerable<KeyValuePair<string, long>> Tags(IEnumerable<MemoryRecord> records) => records
        .SelectMany(static r => r.Tags).GroupBy(static t => t).Select(static g => KeyValuePair.Create(g.Key, (long)g.Count()))
        .OrderByDescending(static t => t.Value).ThenBy(static t => t.Key, StringComparer.Ordinal);
}
