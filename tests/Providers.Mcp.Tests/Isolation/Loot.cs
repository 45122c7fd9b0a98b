namespace Providers.Mcp.Tests.Isolation;

/// <summary>What sort of thing can fall into wrong hands.</summary>
internal enum Sort
{
    Memory,
    Cursor,
    Session,
    Work,
}

/// <summary>Every id, cursor and session that any tenant was ever given, for all to try. Only read while tenants are at work: who draws what depends on the seed alone.</summary>
internal sealed class Loot
{
    private readonly Dictionary<Sort, List<(string Owner, string Thing)>> _things = Enum.GetValues<Sort>().ToDictionary(static s => s, static _ => new List<(string, string)>());
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public void Add(string owner, IEnumerable<(Sort Sort, string Thing)> given)
    {
        foreach ((Sort sort, string thing) in given)
        {
            _things[sort].Add((owner, thing));
            _known.Add(thing);
        }
    }

    public bool Knows(string thing) => _known.Contains(thing);

    /// <summary>Draws something that is somebody else's, more often something new; <see langword="null"/>: there is nothing yet, or the draw was one's own.</summary>
    public (string Owner, string Thing)? Draw(Sort sort, string taker, Random random)
    {
        List<(string Owner, string Thing)> all = _things[sort];
        int from = random.Next(2) == 0 ? Math.Max(0, all.Count - 100) : 0;
        int at = random.Next(from, Math.Max(from + 1, all.Count));
        return at < all.Count && all[at].Owner != taker ? all[at] : null;
    }
}
