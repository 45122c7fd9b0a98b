using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Deletes, erases and purges: locks what goes, then takes it away with all that hangs on it, in one transaction.</summary>
internal sealed class Remover(Database database, TimeProvider clock)
{
    public Task<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken) =>
        database.RunAsync(attempt => RemoveAsync(attempt, scope, filter, clock.GetUtcNow(), erase: false), false, cancellationToken);

    public async Task<long> EraseAsync(MemoryScope scope, MemoryFilter? filter, CancellationToken cancellationToken)
    {
        MemoryFilter all = (filter ?? new MemoryFilter()) with { State = MemoryState.Any };
        long count = await database.RunAsync(attempt => RemoveAsync(attempt, scope, all, null, erase: true), false, cancellationToken).ConfigureAwait(false);
        await database.ReadAsync(VacuumAsync, cancellationToken).ConfigureAwait(false);
        return count;
    }

    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().UtcTicks, keys = now - TimeSpan.TicksPerDay;
        long count = 0;
        foreach (string tenant in await database.ReadAsync(attempt => ExpiredAsync(attempt, now, keys), cancellationToken).ConfigureAwait(false))
        {
            count += await database.RunAsync(attempt => PurgeAsync(attempt, tenant, now, keys), true, cancellationToken).ConfigureAwait(false);
        }

        return (int)count;
    }

    private static async Task<long> RemoveAsync(Attempt attempt, MemoryScope scope, MemoryFilter filter, DateTimeOffset? now, bool erase)
    {
        List<object?> values = [scope.Tenant, scope.Namespace];
        string conditions = FilterSql.Write(attempt.Layout, new Terms(attempt.Layout, scope), filter, now, values), s = attempt.Layout.Schema;
        Dictionary<long, List<(long Row, string Id)>> gone = await LockAsync(attempt, scope.Tenant, $"{Reader.In(attempt)}{conditions}", values).ConfigureAwait(false);
        return await CommitAsync(attempt, gone, sql => erase
            ? sql.Add($"DELETE FROM {s}replay WHERE scope = (SELECT number FROM {s}scope WHERE tenant = $1 AND namespace = $2)", scope.Tenant, scope.Namespace) : sql).ConfigureAwait(false);
    }

    private static async Task<long> PurgeAsync(Attempt attempt, string tenant, long now, long keys)
    {
        Dictionary<long, List<(long Row, string Id)>> gone = await LockAsync(attempt, tenant, "m.tenant = $1 AND m.expires <= $2", [tenant, now]).ConfigureAwait(false);
        return await CommitAsync(attempt, gone, sql => sql.Add($"DELETE FROM {attempt.Layout.Schema}replay WHERE tenant = $1 AND kept <= $2", tenant, keys)).ConfigureAwait(false);
    }

    /// <summary>Begins the transaction and locks what goes, by the numbers of its scopes; what comes to hang on it after this waits, and fails.</summary>
    private static async Task<Dictionary<long, List<(long Row, string Id)>>> LockAsync(Attempt attempt, string tenant, string conditions, List<object?> values)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await sql.Add("BEGIN").Tenant(tenant).Add($"SELECT m.scope, m.row, m.id FROM {attempt.Layout.Schema}memory m WHERE {conditions} ORDER BY m.scope, m.id FOR UPDATE", [.. values])
                .ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                Dictionary<long, List<(long, string)>> gone = [];
                while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                {
                    if (!gone.TryGetValue(reader.GetInt64(0), out List<(long, string)>? some))
                    {
                        gone[reader.GetInt64(0)] = some = [];
                    }

                    some.Add((reader.GetInt64(1), reader.GetString(2)));
                }

                return gone;
            }
        }
    }

    private static async Task<long> CommitAsync(Attempt attempt, Dictionary<long, List<(long Row, string Id)>> gone, Func<Sql, Sql> more)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            foreach ((long scope, List<(long Row, string Id)> some) in gone)
            {
                Removal.Write(sql, attempt.Layout, scope, [.. some.Select(static g => g.Row)], [.. some.Select(static g => g.Id)]);
            }

            attempt.Commits();
            await more(sql).Add("COMMIT").RunAsync(attempt.CancellationToken).ConfigureAwait(false);
            return gone.Values.Sum(static g => (long)g.Count);
        }
    }

    /// <summary>Whose rows have expired: all that can be seen without a tenant.</summary>
    private static async Task<List<string>> ExpiredAsync(Attempt attempt, long now, long keys)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await sql.Setting("providers.purge", now.ToString(CultureInfo.InvariantCulture)).Setting("providers.purge_keys", keys.ToString(CultureInfo.InvariantCulture))
                .Add($"SELECT tenant FROM {attempt.Layout.Schema}memory WHERE expires <= $1 UNION SELECT tenant FROM {attempt.Layout.Schema}replay WHERE kept <= $2", now, keys)
                .ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                List<string> tenants = [];
                while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                {
                    tenants.Add(reader.GetString(0));
                }

                return tenants;
            }
        }
    }

    /// <summary>Clears dead rows out of the pages; a role that does not own the tables leaves that to the server.</summary>
    private async Task<bool> VacuumAsync(Attempt attempt)
    {
        try
        {
            string[] tables = [.. ((string[])["memory", "words", "history", "link", "replay"]).Select(t => attempt.Layout.Schema + t)];
#pragma warning disable CA2100 // put together from constants and a checked schema
            NpgsqlCommand command = new($"VACUUM {string.Join(", ", tables)}", attempt.Connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteNonQueryAsync(attempt.CancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            database.Logger.NotVacuumed(e.MessageText);
            return false;
        }
    }
}
