using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Reads earlier versions, and follows links.</summary>
internal sealed class HistoryReader(Database database, TimeProvider clock)
{
    private const string Alive = "m.scope = c.number AND (m.expires IS NULL OR m.expires > $3)";

    public Task<IReadOnlyList<MemoryRecord>> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<MemoryRecord>>(
        async attempt =>
        {
            string s = attempt.Layout.Schema;
            Sql sql = attempt.Sql();
            await using (sql.ConfigureAwait(false))
            {
                NpgsqlDataReader reader = await sql.Tenant(scope.Tenant)
                    .Add(
                        $"SELECT h.record FROM {s}scope c JOIN {s}history h ON h.scope = c.number WHERE c.tenant = $1 AND c.namespace = $2 AND h.id = $4 AND EXISTS (SELECT 1 FROM {s}memory m WHERE {Alive} AND m.id = $4) ORDER BY h.version DESC",
                        scope.Tenant, scope.Namespace, clock.GetUtcNow().UtcTicks, id)
                    .ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    List<MemoryRecord> versions = [];
                    while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                    {
                        versions.Add(RecordText.ReadRecord(reader.GetString(0)));
                    }

                    return versions;
                }
            }
        },
        cancellationToken);

    public async Task<IReadOnlyList<MemoryEdge>> FollowAsync(MemoryScope scope, string id, MemoryRelatedOptions options, CancellationToken cancellationToken) =>
        await LinkWalk.FollowAsync(id, options, async (ids, most) => await database.ReadAsync(attempt => TouchingAsync(attempt, scope, options, [.. ids], most), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task<IReadOnlyList<MemoryLink>> TouchingAsync(Attempt attempt, MemoryScope scope, MemoryRelatedOptions options, string[] ids, int most)
    {
        string s = attempt.Layout.Schema, way = options.Direction switch
        {
            MemoryLinkDirection.Outgoing => "l.origin = ANY($4)",
            MemoryLinkDirection.Incoming => "l.target = ANY($4)",
            _ => "(l.origin = ANY($4) OR l.target = ANY($4))",
        };
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            // Links the walk has seen before may come first; there are at most as many as its limit.
            NpgsqlDataReader reader = await sql.Tenant(scope.Tenant)
                .Add(
                    $"""
                    SELECT l.origin, l.relation, l.target FROM {s}scope c JOIN {s}link l ON l.scope = c.number
                    WHERE c.tenant = $1 AND c.namespace = $2 AND {way} AND (cardinality($5::int[]) = 0 OR l.relation = ANY($5))
                        AND EXISTS (SELECT 1 FROM {s}memory m WHERE {Alive} AND m.id = l.origin) AND EXISTS (SELECT 1 FROM {s}memory m WHERE {Alive} AND m.id = l.target)
                    ORDER BY l.origin, l.relation, l.target LIMIT $6
                    """,
                    scope.Tenant, scope.Namespace, clock.GetUtcNow().UtcTicks, ids, options.Relations.Select(static r => (int)r).ToArray(), most + 1_000)
                .ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                List<MemoryLink> links = [];
                while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                {
                    links.Add(new MemoryLink(reader.GetString(0), (MemoryRelation)reader.GetInt32(1), reader.GetString(2)));
                }

                return links;
            }
        }
    }
}
