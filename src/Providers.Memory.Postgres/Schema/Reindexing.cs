using System.Runtime.InteropServices;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Moves vectors to pgvector, and makes the indexes that are missing.</summary>
internal sealed class Reindexing(Database database, IndexKeeper indexes)
{
    private const int Page = 1_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (database.Options.Vectors is not PostgresVectors.Exact && await database.ReadAsync(MoveAsync, cancellationToken).ConfigureAwait(false))
        {
            database.Forget();
        }

        foreach (MemoryScope scope in await database.ReadAsync(ScopesAsync, cancellationToken).ConfigureAwait(false))
        {
            foreach ((long number, int dimensions) in await database.ReadAsync(attempt => SpacesAsync(attempt, scope), cancellationToken).ConfigureAwait(false))
            {
                await indexes.EnsureAsync(scope, number, dimensions, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Moves all vectors in one transaction, which holds the table: whoever waits for it finds the other column gone, looks again, and goes on.</summary>
    private async Task<bool> MoveAsync(Attempt attempt)
    {
        (string s, CancellationToken cancellationToken) = (attempt.Layout.Schema, attempt.CancellationToken);
        if (attempt.Layout.Vector is not null || !await ScalarAsync<bool>(attempt, "SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector')").ConfigureAwait(false))
        {
            return false;
        }

        await RunAsync(attempt, "CREATE EXTENSION IF NOT EXISTS vector").ConfigureAwait(false);
        await attempt.Connection.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
        List<MemoryScope> scopes = await ScopesAsync(attempt).ConfigureAwait(false);
        NpgsqlTransaction transaction = await attempt.Connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await RunAsync(attempt, $"SELECT pg_advisory_xact_lock({Opening.Lock(database.Options.Schema)})").ConfigureAwait(false);
            string vector = (await ScalarAsync<string>(attempt, "SELECT quote_ident(n.nspname) || '.' FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'").ConfigureAwait(false))!;
            await RunAsync(attempt, $"ALTER TABLE {s}memory ADD COLUMN {Migrations.Column(true, vector).Replace(", ", ", ADD COLUMN ", StringComparison.Ordinal)}").ConfigureAwait(false);
            foreach (string tenant in scopes.Select(static t => t.Tenant).Distinct())
            {
                for (long after = 0; await MovePageAsync(attempt, tenant, after, vector).ConfigureAwait(false) is { } last; after = last)
                {
                }
            }

            await RunAsync(attempt, $"ALTER TABLE {s}memory DROP COLUMN {Layout.ColumnFor(false)}").ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <returns>The last row that was moved; <see langword="null"/>: there was none left.</returns>
    private static async Task<long?> MovePageAsync(Attempt attempt, string tenant, long after, string vector)
    {
        List<long> rows = [];
        List<ReadOnlyMemory<float>?> vectors = [];
        Sql read = attempt.Sql();
        await using (read.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await read.Tenant(tenant)
                .Add($"SELECT row, {Layout.ColumnFor(false)} FROM {attempt.Layout.Schema}memory WHERE row > $1 AND tenant = $2 AND {Layout.ColumnFor(false)} IS NOT NULL ORDER BY row LIMIT {Page}", after, tenant)
                .ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                {
                    rows.Add(reader.GetInt64(0));
                    vectors.Add(MemoryMarshal.Cast<byte, float>(reader.GetFieldValue<byte[]>(1)).ToArray());
                }
            }
        }

        if (rows.Count == 0)
        {
            return null;
        }

        Sql write = attempt.Sql();
        await using (write.ConfigureAwait(false))
        {
            await write.Add($"UPDATE {attempt.Layout.Schema}memory m SET vector = u.vector, vector_exact = u.exact FROM unnest($1::bigint[], $2::{vector}vector[], $3::bytea[]) AS u(row, vector, exact) WHERE m.row = u.row", [rows.ToArray(), .. RecordRow.Vectors(attempt.Layout with { Vector = vector }, vectors)])
                .RunAsync(attempt.CancellationToken).ConfigureAwait(false);
        }

        return rows[^1];
    }

    private static async Task<List<MemoryScope>> ScopesAsync(Attempt attempt)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await sql.Setting("providers.host", "on").Add($"SELECT tenant, namespace FROM {attempt.Layout.Schema}scope ORDER BY tenant, namespace").ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                List<MemoryScope> scopes = [];
                while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                {
                    scopes.Add(new MemoryScope(reader.GetString(0), reader.GetString(1)));
                }

                return scopes;
            }
        }
    }

    private static async Task<List<(long Number, int Dimensions)>> SpacesAsync(Attempt attempt, MemoryScope scope)
    {
        string s = attempt.Layout.Schema;
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await sql.Tenant(scope.Tenant)
                .Add($"SELECT p.number, p.dimensions FROM {s}space p JOIN {s}scope c ON c.number = p.scope WHERE c.tenant = $1 AND c.namespace = $2 ORDER BY 1", scope.Tenant, scope.Namespace)
                .ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                List<(long, int)> spaces = [];
                while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                {
                    spaces.Add((reader.GetInt64(0), reader.GetInt32(1)));
                }

                return spaces;
            }
        }
    }

    private static async Task RunAsync(Attempt attempt, string text)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            await sql.Add(text).RunAsync(attempt.CancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<T?> ScalarAsync<T>(Attempt attempt, string text)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            return await sql.Add(text).ScalarAsync<T>(attempt.CancellationToken).ConfigureAwait(false);
        }
    }
}
