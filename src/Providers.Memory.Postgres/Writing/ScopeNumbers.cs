using System.Collections.Concurrent;

namespace Providers.Memory.Postgres;

/// <summary>The numbers scopes have in the tables. A number, once given, stays.</summary>
internal static class ScopeNumbers
{
    private const int Kept = 100_000; // then they are asked for again

    /// <summary>Gets a scope's number, and gives it one where it has none. Committed before the change it is for, so that changes of one new scope do not wait for each other.</summary>
    public static async ValueTask<long> EnsureAsync(Attempt attempt, MemoryScope scope)
    {
        ConcurrentDictionary<MemoryScope, long> known = attempt.Layout.Scopes;
        if (known.TryGetValue(scope, out long number))
        {
            return number;
        }

        string s = attempt.Layout.Schema;
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            number = await sql.Tenant(scope.Tenant)
                .Add($"INSERT INTO {s}scope (tenant, namespace) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM {s}scope WHERE tenant = $1 AND namespace = $2) ON CONFLICT DO NOTHING", scope.Tenant, scope.Namespace)
                .Add($"SELECT number FROM {s}scope WHERE tenant = $1 AND namespace = $2", scope.Tenant, scope.Namespace)
                .ScalarAsync<long>(attempt.CancellationToken).ConfigureAwait(false);
        }

        if (known.Count >= Kept)
        {
            known.Clear();
        }

        return known[scope] = number;
    }
}
