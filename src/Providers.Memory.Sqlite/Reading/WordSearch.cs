using System.Globalization;

namespace Providers.Memory.Sqlite;

/// <summary>Ranks memories by the words of a query (BM25).</summary>
internal sealed class WordSearch(WordFrequencies frequencies)
{
    private const int MostWords = 64;
    private const int Spare = 32; // beyond those asked for: some may be archived or have expired

    /// <summary>Rows with their scores, best first.</summary>
    public List<(long Row, double Score)> Best(Statements sql, long scope, MemoryQuery query, int top, DateTimeOffset now)
    {
        List<string> words = frequencies.Selective(sql, [.. Words.Of(query.Text!).Distinct(StringComparer.Ordinal).Take(MostWords)]); // letters and digits only: nothing an operator could be made of
        if (words.Count == 0)
        {
            return [];
        }

        string match = $"scope : \"{RowWriter.ScopeWord(scope)}\" AND text : ({string.Join(" OR ", words.Select(static w => $"\"{w}\""))})";
        return query.Filter is null || (query.Filter.State is MemoryState.Active && !query.Filter.HasCondition())
            ? BestOfAll(sql, scope, match, top, now) ?? Filtered(sql, scope, match, null, top, now)
            : Filtered(sql, scope, match, query.Filter, top, now);
    }

    /// <summary>Ranks within the index of words alone, and looks at the memories of the best only.</summary>
    /// <returns><see langword="null"/>: too many of the best are archived or have expired.</returns>
    private static List<(long, double)>? BestOfAll(Statements sql, long scope, string match, int top, DateTimeOffset now)
    {
        List<(long Row, double Score)> ranked = [];
        using (Rows rows = sql.Read("SELECT rowid, rank FROM words WHERE words MATCH ?1 AND rank MATCH 'bm25(0.0, 1.0)' ORDER BY rank LIMIT ?2", match, top + Spare))
        {
            while (rows.Read())
            {
                ranked.Add((rows.Int64(0), Positive(-rows.Double(1))));
            }
        }

        if (ranked.Count == 0)
        {
            return [];
        }

        string ids = string.Join(',', ranked.Select(static r => r.Row.ToString(CultureInfo.InvariantCulture)));
        HashSet<long> shown = [.. sql.Numbers($"SELECT m.row FROM json_each(?3) j CROSS JOIN memory m ON m.row = j.value WHERE +m.scope = ?1 AND {MemoryReader.Alive} AND m.archived IS NULL", scope, now.UtcTicks, $"[{ids}]")];
        List<(long, double)> best = [.. ranked.Where(r => shown.Contains(r.Row)).OrderByDescending(static r => r.Score).ThenBy(static r => r.Row).Take(top)];
        return best.Count == top || ranked.Count < top + Spare ? best : null;
    }

    private static List<(long, double)> Filtered(Statements sql, long scope, string match, MemoryFilter? filter, int top, DateTimeOffset now)
    {
        List<object?> values = [scope, now.UtcTicks, match, top];
        string conditions = FilterSql.Write(filter, values);
        using Rows rows = sql.Read(
            $"SELECT w.rowid, -bm25(words, 0.0, 1.0) AS score FROM words w CROSS JOIN memory m ON m.row = w.rowid WHERE words MATCH ?3 AND +m.scope = ?1 AND {MemoryReader.Alive}{conditions} ORDER BY score DESC, w.rowid LIMIT ?4", [.. values]);
        List<(long, double)> found = [];
        while (rows.Read())
        {
            found.Add((rows.Int64(0), Positive(rows.Double(1))));
        }

        return found;
    }

    /// <summary>A word that nearly all memories have weighs next to nothing, but it is there.</summary>
    private static double Positive(double score) => Math.Max(1e-9, score);
}
