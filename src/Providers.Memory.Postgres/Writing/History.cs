namespace Providers.Memory.Postgres;

/// <summary>Earlier versions of memories.</summary>
internal static class History
{
    private const int Versions = 100;

    public static void Write(Sql sql, Layout layout, long scope, string tenant, IReadOnlyList<MemoryRecord> versions)
    {
        if (versions.Count == 0)
        {
            return;
        }

        string[] ids = [.. versions.Select(static v => v.Id)];
        sql.Add(
            $"INSERT INTO {layout.Schema}history (scope, tenant, id, version, record) SELECT $1, $2, * FROM unnest($3::text[], $4::bigint[], $5::text[]) ON CONFLICT (scope, id, version) DO UPDATE SET record = excluded.record",
            scope, tenant, ids, versions.Select(static v => v.Version).ToArray(), versions.Select(RecordText.WriteRecord).ToArray());
        sql.Add(
            $"""
            DELETE FROM {layout.Schema}history h USING (SELECT id, version, row_number() OVER (PARTITION BY id ORDER BY version DESC) AS place FROM {layout.Schema}history WHERE scope = $1 AND id = ANY($2)) old
            WHERE old.place > {Versions} AND h.scope = $1 AND h.id = old.id AND h.version = old.version
            """,
            scope, ids);
    }
}
