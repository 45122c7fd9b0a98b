namespace Providers.Memory;

/// <summary>Follows links breadth first, the same way over every store.</summary>
internal static class LinkWalk
{
    /// <summary>Brings the links that touch some memories, both of whose ends are there, by direction and relation.</summary>
    /// <param name="ids">The memories.</param>
    /// <param name="most">How many links are needed, in the order of from, relation, to; more do no harm.</param>
    public delegate ValueTask<IReadOnlyList<MemoryLink>> Touching(IReadOnlyCollection<string> ids, int most);

    public static async ValueTask<IReadOnlyList<MemoryEdge>> FollowAsync(string start, MemoryRelatedOptions options, Touching touching)
    {
        List<MemoryEdge> found = [];
        HashSet<MemoryLink> seen = [];
        HashSet<string> reached = new(StringComparer.Ordinal) { start };
        List<string> front = [start];
        for (int depth = 1; depth <= options.Depth && front.Count > 0 && found.Count < options.Limit; depth++)
        {
            List<string> next = [];
            foreach (MemoryLink link in Sorted(await touching(front, options.Limit).ConfigureAwait(false)).Where(seen.Add).Take(options.Limit - found.Count))
            {
                found.Add(new MemoryEdge(link.From, link.Relation, link.To, depth));
                foreach (string end in (string[])[link.From, link.To])
                {
                    if (reached.Add(end))
                    {
                        next.Add(end);
                    }
                }
            }

            front = next;
        }

        return found;
    }

    public static IOrderedEnumerable<MemoryLink> Sorted(IEnumerable<MemoryLink> links) =>
        links.OrderBy(static l => l.From, StringComparer.Ordinal).ThenBy(static l => l.Relation).ThenBy(static l => l.To, StringComparer.Ordinal);

    /// <summary>Whether a link that begins or ends at one of the memories is to be followed from there.</summary>
    public static bool Wanted(this MemoryRelatedOptions options, MemoryLink link, IReadOnlyCollection<string> ids) =>
        (options.Relations.Count == 0 || options.Relations.Contains(link.Relation))
        && ((options.Direction is not MemoryLinkDirection.Incoming && ids.Contains(link.From)) || (options.Direction is not MemoryLinkDirection.Outgoing && ids.Contains(link.To)));
}
