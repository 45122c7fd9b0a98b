using System.Runtime.CompilerServices;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Counts what a scope holds, and lists tags and scopes.</summary>
internal sealed class Counter(Database database, TimeProvider clock)
{
    private const string Tags = "json_array_elements_text(m.tags::json) AS t(tag)";

    public Task<MemoryStats> StatsAsync(MemoryScope scope, CancellationToken cancellationToken) => database.ReadAsync(
        async attempt =>
        {
            string s = attempt.Layout.Schema, alive = $"{Reader.In(attempt)} AND (m.expires IS NULL OR m.expires > $3)", active = $"{alive} AND m.archived IS NULL";
            object?[] values = [scope.Tenant, scope.Namespace, clock.GetUtcNow().UtcTicks];
            Sql sql = attempt.Sql();
            await using (sql.ConfigureAwait(false))
            {
                sql.Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").Tenant(scope.Tenant)
                    .Add($"SELECT count(*), coalesce(sum(m.bytes), 0)::bigint, min(m.created), max(m.created) FROM {s}memory m WHERE {active}", values)
                    .Add($"SELECT m.kind, count(*) FROM {s}memory m WHERE {active} GROUP BY m.kind", values)
                    .Add($"SELECT t.tag, count(*) AS n FROM {s}memory m, {Tags} WHERE {active} GROUP BY t.tag ORDER BY n DESC, t.tag COLLATE \"C\" LIMIT 100", values)
                    .Add($"SELECT p.name, count(*) FROM {s}memory m JOIN {s}space p ON p.number = m.space WHERE {active} GROUP BY p.name", values)
                    .Add(
                        $"""
                        SELECT 'archived', count(*) FROM {s}memory m WHERE {alive} AND m.archived IS NOT NULL
                        UNION ALL SELECT 'links', count(*) FROM {s}link l JOIN {s}memory m ON m.scope = l.scope AND m.id = l.origin JOIN {s}memory o ON o.scope = l.scope AND o.id = l.target
                            WHERE {alive} AND (o.expires IS NULL OR o.expires > $3)
                        """,
                        values)
                    .Add("COMMIT");
                NpgsqlDataReader reader = await sql.ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
                    MemoryStats stats = new(reader.GetInt64(0), reader.GetInt64(1))
                    {
                        Oldest = reader.IsDBNull(2) ? null : RecordRow.Time(reader.GetInt64(2)),
                        Newest = reader.IsDBNull(3) ? null : RecordRow.Time(reader.GetInt64(3)),
                    };
                    stats = stats with
                    {
                        ByKind = await CountsAsync(reader, attempt.CancellationToken).ConfigureAwait(false),
                        ByTag = await CountsAsync(reader, attempt.CancellationToken).ConfigureAwait(false),
                        BySpace = await CountsAsync(reader, attempt.CancellationToken).ConfigureAwait(false),
                    };
                    Dictionary<string, long> others = await CountsAsync(reader, attempt.CancellationToken).ConfigureAwait(false);
                    return stats with { Archived = others["archived"], Links = others["links"] };
                }
            }
        },
        cancellationToken);

    public Task<IReadOnlyList<string>> TagsAsync(MemoryScope scope, string prefix, int top, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<string>>(
        attempt => TextsAsync(
            attempt.Sql().Tenant(scope.Tenant).Add(
                $"""
                SELECT t.tag FROM {attempt.Layout.Schema}memory m, {Tags} WHERE {Reader.In(attempt)} AND (m.expires IS NULL OR m.expires > $3) AND m.archived IS NULL AND starts_with(t.tag, $4)
                GROUP BY t.tag ORDER BY count(*) DESC, t.tag COLLATE "C" LIMIT $5
                """,
                scope.Tenant, scope.Namespace, clock.GetUtcNow().UtcTicks, prefix, top),
            attempt.CancellationToken),
        cancellationToken);

    public async IAsyncEnumerable<MemoryScope> ScopesAsync(string? tenant, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<string> tenants = tenant is not null ? [tenant] : await database.ReadAsync(
            attempt => TextsAsync(attempt.Sql().Setting("providers.host", "on").Add($"SELECT DISTINCT tenant FROM {attempt.Layout.Schema}scope ORDER BY tenant"), attempt.CancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (string one in tenants)
        {
            foreach (string name in await database.ReadAsync(
                attempt => TextsAsync(
                    attempt.Sql().Tenant(one).Add(
                        $"""
                        SELECT c.namespace FROM {attempt.Layout.Schema}scope c WHERE c.tenant = $1 AND starts_with(c.namespace, $2)
                            AND EXISTS (SELECT 1 FROM {attempt.Layout.Schema}memory m WHERE m.scope = c.number AND (m.expires IS NULL OR m.expires > $3)) ORDER BY c.namespace
                        """,
                        one, prefix, clock.GetUtcNow().UtcTicks),
                    attempt.CancellationToken),
                cancellationToken).ConfigureAwait(false))
            {
                yield return new MemoryScope(one, name);
            }
        }
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(Sql sql, CancellationToken cancellationToken)
    {
        await using (sql.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await sql.ReadAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                List<string> texts = [];
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    texts.Add(reader.GetString(0));
                }

                return texts;
            }
        }
    }

    private static async Task<Dictionary<string, long>> CountsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        Dictionary<string, long> counts = [];
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }
}
