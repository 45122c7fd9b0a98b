namespace Providers.Memory.Postgres;

/// <summary>Takes away memories that are locked, with all that hangs on them.</summary>
internal static class Removal
{
    /// <param name="sql">The statements so far.</param>
    /// <param name="layout">The tables.</param>
    /// <param name="scope">The scope's number.</param>
    /// <param name="rows">The memories' rows.</param>
    /// <param name="ids">The memories whose history and links go; those may stay themselves, as others.</param>
    public static void Write(Sql sql, Layout layout, long scope, long[] rows, IReadOnlyCollection<string> ids)
    {
        string s = layout.Schema;
        if (rows.Length > 0)
        {
            sql.Add($"DELETE FROM {s}words WHERE scope = $1 AND row = ANY($2)", scope, rows).Add($"DELETE FROM {s}memory WHERE row = ANY($1)", rows);
        }

        if (ids.Count > 0)
        {
            string[] all = [.. ids];
            sql.Add($"DELETE FROM {s}history WHERE scope = $1 AND id = ANY($2)", scope, all)
                .Add($"DELETE FROM {s}link WHERE scope = $1 AND origin = ANY($2)", scope, all)
                .Add($"DELETE FROM {s}link WHERE scope = $1 AND target = ANY($2)", scope, all);
        }
    }
}
