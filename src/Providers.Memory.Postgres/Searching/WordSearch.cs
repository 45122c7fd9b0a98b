using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>
/// Search by words, scored by Okapi BM25 (k1 = 1.2, b = 0.75, as in SQLite's FTS5) over the scope's own frequencies. In how many memories a word is, the index counts, in large
/// scopes once a minute; how often a memory has it stands beside it.
/// </summary>
internal sealed class WordSearch(TimeProvider clock)
{
    private const int Large = 10_000; // from here on the scope's numbers are kept for a while, and only the rarest words of a text call up memories,
    private const int Called = 4_000; // until they are in so many: decisions 0203 and 0135
    private const int Kept = 20_000; // words of a scope
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<long, Numbers> _known = new();

    /// <summary>Adds the statement that finds the best rows: row and score, best first, and the numbers it counted.</summary>
    /// <returns>The words asked for; empty: the text has none, and no statement was added.</returns>
    public IReadOnlyList<long> Add(Sql sql, Layout layout, (MemoryScope Name, long Number) scope, MemoryQuery query, int top, DateTimeOffset now)
    {
        Terms terms = new(layout, scope.Name);
        long[] words = [.. Words.Of(query.Text!).Distinct(StringComparer.Ordinal).Take(64).Select(terms.Word)];
        if (words.Length == 0)
        {
            return words;
        }

        string s = layout.Schema;
        Numbers? known = Fresh(scope.Number);
        List<object?> values = [scope.Number, top, .. words];
        string filter = FilterSql.Write(layout, terms, query.Filter, now, values);
        string Each(Func<string, string, string> one, string separator) =>
            string.Join(separator, words.Select((_, i) => one(i.ToString(CultureInfo.InvariantCulture), (i + 3).ToString(CultureInfo.InvariantCulture))));
        string total = known is null ? $"SELECT count(*)::float8 AS n, greatest(1, coalesce(avg(length), 1))::float8 AS a FROM {s}words WHERE scope = $1" : $"SELECT {Number(known.Count)} AS n, {Number(known.Average)} AS a";
        string counts = string.Join(", ", words.Select((word, i) => (known is not null && known.Counts.TryGetValue(word, out double count) ? Number(count)
            : string.Create(CultureInfo.InvariantCulture, $"(SELECT count(*) FROM {s}words c WHERE c.hashes @> ARRAY[${i + 3}::bigint])::float8")) + string.Create(CultureInfo.InvariantCulture, $" AS d{i}")));
        sql.Add(
            $"""
            WITH total AS MATERIALIZED ({total}),
            seen AS MATERIALIZED (SELECT n, a, {counts} FROM total),
            weight AS MATERIALIZED (SELECT *, {Each(static (i, _) => $"greatest(1e-6, ln(greatest(1e-9, (n - d{i} + 0.5) / (d{i} + 0.5)))) AS w{i}", ", ")} FROM seen),
            asked AS MATERIALIZED (SELECT array_agg(word) AS words FROM (
                SELECT word, n, d, row_number() OVER rare AS place, sum(d) OVER rare AS together
                FROM seen, unnest(ARRAY[{Each(static (_, p) => $"${p}", ", ")}]::bigint[], ARRAY[{Each(static (i, _) => $"d{i}", ", ")}]) AS t(word, d) WHERE d > 0 WINDOW rare AS (ORDER BY d, word)) r
                WHERE n < {Large} OR place = 1 OR together <= {Called} OR (together - d < $2 AND d * 2 <= n)),
            best AS (SELECT h.row, {Each(static (i, _) => $"w{i} * f{i} * 2.2 / (f{i} + 0.3 + 0.9 * h.length / a)", " + ")} AS score, n, a, {Each(static (i, _) => $"d{i}", ", ")}
                FROM (SELECT w.row, w.length, {Each(static (i, p) => $"coalesce(get_byte(w.times, array_position(w.hashes, ${p}::bigint) - 1), 0) AS f{i}", ", ")}
                    FROM {s}words w WHERE w.hashes && (SELECT words FROM asked) OFFSET 0) h, weight ORDER BY 2 DESC, 1)
            SELECT b.* FROM best b CROSS JOIN LATERAL (SELECT 1 FROM {s}memory m WHERE m.row = b.row AND m.scope = $1{filter} OFFSET 0) m ORDER BY b.score DESC, b.row LIMIT $2
            """,
            [.. values]);
        return words;
    }

    /// <summary>Reads what the statement found, and keeps the numbers of a large scope.</summary>
    public async Task<List<(long Row, double Score)>> ReadAsync(NpgsqlDataReader reader, long scope, IReadOnlyList<long> words, CancellationToken cancellationToken)
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

    private static string Number(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:R}::float8");

    private Numbers? Fresh(long scope) => _known.TryGetValue(scope, out Numbers? numbers) && clock.GetElapsedTime(numbers.At) < s_fresh ? numbers : null;

    private void Keep(NpgsqlDataReader reader, long scope, IReadOnlyList<long> words)
    {
        Numbers numbers = Fresh(scope) ?? (_known[scope] = new Numbers(reader.GetDouble(2), reader.GetDouble(3), clock.GetTimestamp(), new ConcurrentDictionary<long, double>()));
        for (int i = 0; i < words.Count && numbers.Counts.Count < Kept; i++)
        {
            numbers.Counts[words[i]] = reader.GetDouble(4 + i);
        }
    }

    private sealed record Numbers(double Count, double Average, long At, ConcurrentDictionary<long, double> Counts);
}
