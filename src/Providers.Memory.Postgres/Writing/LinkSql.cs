namespace Providers.Memory.Postgres;

/// <summary>Links between memories.</summary>
internal static class LinkSql
{
    public static void Write(Sql sql, Layout layout, long scope, string tenant, IReadOnlyDictionary<MemoryLink, bool> links)
    {
        MemoryLink[] gone = [.. LinkWalk.Sorted(links.Where(static l => !l.Value).Select(static l => l.Key))], there = [.. LinkWalk.Sorted(links.Where(static l => l.Value).Select(static l => l.Key))];
        const string Parts = "unnest($2::text[], $3::int[], $4::text[]) AS u(origin, relation, target)";
        if (gone.Length > 0)
        {
            sql.Add($"DELETE FROM {layout.Schema}link l USING {Parts} WHERE l.scope = $1 AND l.origin = u.origin AND l.relation = u.relation AND l.target = u.target", [scope, .. Columns(gone)]);
        }

        if (there.Length > 0)
        {
            sql.Add($"INSERT INTO {layout.Schema}link (scope, tenant, origin, relation, target) SELECT $1, $5, u.* FROM {Parts} ON CONFLICT DO NOTHING", [scope, .. Columns(there), tenant]);
        }
    }

    private static object[] Columns(MemoryLink[] links) => [links.Select(static l => l.From).ToArray(), links.Select(static l => (int)l.Relation).ToArray(), links.Select(static l => l.To).ToArray()];
}
