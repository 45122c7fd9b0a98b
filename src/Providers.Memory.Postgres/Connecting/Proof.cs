namespace Providers.Memory.Postgres;

/// <summary>Proves that the server can be read and written, and leaves nothing behind.</summary>
internal static class Proof
{
    public static async Task<bool> TakeAsync(Attempt attempt)
    {
        string s = attempt.Layout.Schema;
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            await sql.Add("BEGIN").Tenant(":check").Add($"SELECT 1 FROM {s}memory WHERE row = 0")
                .Add($"INSERT INTO {s}replay (scope, tenant, key, hash, outcome, kept) VALUES (0, ':check', $1, '', '', 0)", Guid.CreateVersion7().ToString()).Add("ROLLBACK")
                .RunAsync(attempt.CancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
