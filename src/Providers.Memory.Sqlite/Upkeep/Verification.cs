using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Looks for what does not agree in a database.</summary>
internal static class Verification
{
    private static readonly (string Sql, string Wrong)[] s_counts =
    [
        ("SELECT (SELECT count(*) FROM words) - (SELECT count(*) FROM memory)", "The index of words and the memories differ by {0}; reindex."),
        ("SELECT count(*) FROM memory m WHERE (m.space IS NULL) <> NOT EXISTS (SELECT 1 FROM vector v WHERE v.row = m.row)", "{0} memories have a space without a vector, or the other way round."),
        ("SELECT count(*) FROM memory m JOIN vector v ON v.row = m.row JOIN space s ON s.number = m.space WHERE length(v.value) <> 4 * s.dimensions", "{0} vectors have other dimensions than their space."),
        ("SELECT count(*) FROM vector WHERE row NOT IN (SELECT row FROM memory)", "{0} vectors have no memory."),
        ("SELECT count(*) FROM history WHERE row NOT IN (SELECT row FROM memory)", "{0} earlier versions have no memory."),
        ("SELECT count(*) FROM tag WHERE row NOT IN (SELECT row FROM memory)", "{0} tags have no memory."),
        ("SELECT count(*) FROM link WHERE origin NOT IN (SELECT row FROM memory) OR target NOT IN (SELECT row FROM memory)", "{0} links lack a memory."),
        ("SELECT count(*) FROM link l JOIN memory a ON a.row = l.origin JOIN memory b ON b.row = l.target WHERE a.scope <> l.scope OR b.scope <> l.scope", "{0} links leave their scope."),
    ];

    public static IReadOnlyList<string> Of(Database database)
    {
        using Statements sql = new(database.Open()); // FTS5 would check what an older connection remembers of its index
        List<string> wrong = [];
        Check(wrong, () =>
        {
            using Rows rows = sql.Read("PRAGMA integrity_check");
            while (rows.Read())
            {
                wrong.Add(rows.String(0));
            }
        });
        if (wrong is ["ok"])
        {
            wrong.Clear();
        }

        foreach ((string query, string what) in s_counts)
        {
            Check(wrong, () =>
            {
                if (sql.Scalar<long>(query) is not 0 and var count)
                {
                    wrong.Add(string.Format(CultureInfo.InvariantCulture, what, count));
                }
            });
        }

        return wrong;
    }

    /// <summary>Looks; a database too damaged to be looked at is wrong in that, too.</summary>
    private static void Check(List<string> wrong, Action look)
    {
        try
        {
            look();
        }
        catch (SqliteException e) when (StoreFailure.IsDamage(e))
        {
            wrong.Add(e.Message);
        }
    }
}
