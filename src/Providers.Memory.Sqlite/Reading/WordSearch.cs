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
        // Letters, digits and their marks only: nothing an operator could be made of. The index folds the question as it folded the texts.
        (List<string> words, long matches) = frequencies.Selective(sql, [.. Words.AsWritten(query.Text!).DistinctBy(IndexTerm.Of, StringComparer.Ordinal).Take(MostWords)]);
        if (words.Count == 0)
        {
            return [];
        }

        string text = $"text : ({string.Join(" OR ", words.Select(static w => $"\"{w}\""))})", scoped = $"scope : \"{RowWriter.ScopeWord(scope)}\" AND {text}";
        double share = Share(sql, scope, matches);
        MemoryFilter? filter = query.Filter is null || (query.Filter.State is MemoryState.Active && !query.Filter.HasCondition()) ? null : query.Filter;
        return filter is null
            ? (share > 0 ? BestOfAll(sql, scope, text, (int)Math.Min(matches + 1, (top + Spare) / share), top, now) : null)
                ?? BestOfAll(sql, scope, scoped, top + Spare, top, now) ?? Filtered(sql, scope, scoped, null, top, now)
            : Filtered(sql, scope, share > 0 ? text : scoped, filter, top, now);
    }

    /// <summary>
    /// Whether the words are better looked for in all scopes: BM25 counts for each word of its question how many rows have it, and the scope's own word is in all of the
    /// scope's rows. Weighing a row costs about as much as counting thirty.
    /// </summary>
    /// <returns>The share of the scope in all rows, above 0; 0: within the scope.</returns>
    private double Share(Statements sql, long scope, long matches)
    {
        long mine = frequencies.Count(sql, RowWriter.ScopeWord(scope)), all = Math.Max(1, sql.Scalar<long>("SELECT coalesce(max(row), 0) FROM memory"));
        double share = Math.Min(1, (double)mine / all);
        return matches <= WordFrequencies.MostMatches && matches <= (mine / 30.0) + (matches * share) ? share : 0;
    }

    /// <summary>Ranks within the index of words alone, and looks at the memories of the best only.</summary>
    /// <returns><see langword="null"/>: too many of the best are another scope's, archived or have expired.</returns>
    private static List<(long, double)>? BestOfAll(Statements sql, long scope, string match, int most, int top, DateTimeOffset now)
    {
        List<(long Row, double Score)> ranked = [], best = [];
        using (Rows rows = sql.Read("SELECT rowid, rank FROM words WHERE words MATCH ?1 AND rank MATCH 'bm25(0.0, 1.0)' ORDER BY rank LIMIT ?2", match, most))
        {
            while (rows.Read())
            {
                ranked.Add((rows.Int64(0), Positive(-rows.Double(1))));
            }
        }

        foreach ((long Row, double Score)[] some in ranked.Chunk(top + Spare))
        {
            HashSet<long> shown = [.. sql.Numbers($"SELECT m.row FROM json_each(?3) j CROSS JOIN memory m ON m.row = j.value WHERE +m.scope = ?1 AND {MemoryReader.Alive} AND m.archived IS NULL", scope, now.UtcTicks, RecordRow.List(some.Select(static r => r.Row)))];
            best.AddRange(some.Where(r => shown.Contains(r.Row)));
            if (best.Count >= top)
            {
                break;
            }
        }

        return best.Count >= top || ranked.Count < most ? [.. best.OrderByDescending(static r => r.Score).ThenBy(static r => r.Row).Take(top)] : null;
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
