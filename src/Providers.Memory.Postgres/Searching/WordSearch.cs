using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>
/// Search by words, scored by Okapi BM25 (k1 = 1.2, b = 0.75, as in SQLite's FTS5) over the scope's own frequencies. The index gives every memory with any of
/// the words; how often each has a word is read back from ts_rank, which of one word is a known sum over its positions; the frequencies are counted on the way.
/// </summary>
internal sealed class WordSearch(TimeProvider clock)
{
    private const int Large = 10_000; // from here on the scope's numbers are kept for a while, and words in more than half of the memories call up none
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);
    private static readonly string s_thresholds = Thresholds();
    private readonly ConcurrentDictionary<long, Numbers> _known = new();

    /// <summary>Adds the statement that finds the best rows: row and score, best first.</summary>
    /// <returns>The words asked for; empty: the text has none, and no statement was added.</returns>
    public IReadOnlyList<string> Add(Sql sql, Layout layout, (MemoryScope Name, long Number) scope, MemoryQuery query, int top, DateTimeOffset now)
    {
        Terms terms = new(layout.TermKey, scope.Name);
        string[] words = [.. Words.Of(query.Text!).Distinct(StringComparer.Ordinal).Take(64).Select(terms.Word)];
        Numbers? known = Fresh(scope.Number);
        string[] rare = known is null ? words : [.. words.Where(w => !known.Common.ContainsKey(w))];
        words = rare.Length > 0 ? rare : words;
        if (words.Length == 0)
        {
            return words;
        }

        List<object?> values = [scope.Number, string.Join(" | ", words), top, .. words];
        string total = known is null ? $"SELECT count(*)::float8 AS n, greatest(1, coalesce(avg(length), 1))::float8 AS a FROM {layout.Schema}words WHERE scope = $1"
            : string.Create(CultureInfo.InvariantCulture, $"SELECT {known.Count:R}::float8 AS n, {known.Average:R}::float8 AS a");
        string Each(Func<string, string> one, string separator) => string.Join(separator, Enumerable.Range(1, words.Length).Select(i => one(i.ToString(CultureInfo.InvariantCulture))));
        string filter = FilterSql.Write(layout, terms, query.Filter, now, values);
        sql.Add(
            $"""
            WITH total AS MATERIALIZED ({total}),
            hit AS MATERIALIZED (SELECT w.row, w.length, {Each(i => $"width_bucket(ts_rank('{{1,1,1,1}}', w.terms, ${int.Parse(i, CultureInfo.InvariantCulture) + 3}::tsquery)::float8, {s_thresholds}) AS f{i}", ", ")}
                FROM {layout.Schema}words w WHERE w.terms @@ $2::tsquery),
            seen AS MATERIALIZED (SELECT {Each(static i => $"count(*) FILTER (WHERE f{i} > 0)::float8 AS d{i}", ", ")} FROM hit),
            weight AS MATERIALIZED (SELECT n, a, {Each(static i => $"d{i}, greatest(1e-6, ln(greatest(1e-9, (n - d{i} + 0.5) / (d{i} + 0.5)))) AS w{i}", ", ")} FROM total, seen),
            best AS (SELECT h.row, {Each(static i => $"w{i} * f{i} * 2.2 / (f{i} + 0.3 + 0.9 * h.length / a)", " + ")} AS score, n, a, {Each(static i => $"d{i}", ", ")}
                FROM hit h, weight WHERE n < {Large} OR {Each(static i => $"d{i} * 2 > n", " AND ")} OR {Each(static i => $"(f{i} > 0 AND d{i} * 2 <= n)", " OR ")})
            SELECT b.* FROM best b JOIN {layout.Schema}memory m ON m.row = b.row WHERE m.scope = $1{filter} ORDER BY b.score DESC, b.row LIMIT $3
            """,
            [.. values]);
        return words;
    }

    /// <summary>Reads what the statement found, and keeps the numbers of a large scope.</summary>
    public async Task<List<(long Row, double Score)>> ReadAsync(NpgsqlDataReader reader, long scope, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        List<(long, double)> found = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (found.Count == 0 && reader.GetDouble(2) >= Large)
            {
                Keep(reader, scope, words);
            }

            found.Add((reader.GetInt64(0), Math.Max(1e-9, reader.GetDouble(1))));
        }

        return found;
    }

    private Numbers? Fresh(long scope) => _known.TryGetValue(scope, out Numbers? numbers) && clock.GetElapsedTime(numbers.At) < s_fresh ? numbers : null;

    private void Keep(NpgsqlDataReader reader, long scope, IReadOnlyList<string> words)
    {
        double count = reader.GetDouble(2);
        Numbers numbers = Fresh(scope) ?? (_known[scope] = new Numbers(count, reader.GetDouble(3), clock.GetTimestamp(), new ConcurrentDictionary<string, bool>(StringComparer.Ordinal)));
        for (int i = 0; i < words.Count; i++)
        {
            if (reader.GetDouble(4 + i) * 2 > count)
            {
                numbers.Common[words[i]] = true;
            }
        }
    }

    /// <summary>
    /// ts_rank with all weights 1 of one word at n positions is (1 + 1/4 + ... + 1/n²) / (π²/6); the middles between these say n. A word that is not there has 0.
    /// </summary>
    private static string Thresholds()
    {
        StringBuilder array = new("'{");
        double sum = 0;
        for (int n = 1; n <= 32; n++)
        {
            double next = sum + (1.0 / ((double)n * n));
            array.Append(n == 1 ? "" : ",").Append(((sum + next) / 2 / (Math.PI * Math.PI / 6)).ToString("R", CultureInfo.InvariantCulture));
            sum = next;
        }

        return array.Append("}'::float8[]").ToString();
    }

    private sealed record Numbers(double Count, double Average, long At, ConcurrentDictionary<string, bool> Common);
}
