using Providers.Vectors;

namespace Providers.VectorData;

/// <summary>
/// Searches an index and answers from the rows of one moment. When a write comes between the two, or a graph finds too few,
/// it looks again, and at last measures every row: as many results as there are rows that pass, always.
/// </summary>
internal static class VectorSearcher
{
    private const int Attempts = 3;

    public static List<VectorHit> Search(Func<RowTable> current, VectorColumn column, int ordinal, float[] query, int top, IPredicate? filter)
    {
        RowTable rows = RowTable.Empty;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            rows = current();
            RowBitmap? bitmap = filter is null ? null : RowBitmap.Create(rows, ordinal, filter);
            int wanted = Math.Min(top, bitmap?.Count ?? rows.VectorCount(ordinal));
            if (wanted == 0)
            {
                return [];
            }

            if (TrySearch(rows, column, ordinal, query, wanted, bitmap) is { } hits)
            {
                return hits;
            }
        }

        return Scan(rows, column, ordinal, query, top, filter);
    }

    /// <summary>Measures every row.</summary>
    public static List<VectorHit> Scan(RowTable rows, VectorColumn column, int ordinal, float[] query, int top, IPredicate? filter)
    {
        var hits = new List<VectorHit>();
        foreach (Row row in rows.Rows())
        {
            if (row.Vector(ordinal) is { } vector && filter?.Matches(row, null) != false)
            {
                hits.Add(new VectorHit(row, column.Field.Rule.Score(query, vector)));
            }
        }

        Sort(hits, column);
        hits.RemoveRange(Math.Min(top, hits.Count), hits.Count - Math.Min(top, hits.Count));
        return hits;
    }

    private static List<VectorHit>? TrySearch(RowTable rows, VectorColumn column, int ordinal, float[] query, int wanted, RowBitmap? bitmap)
    {
        var matches = new VectorMatch[wanted];
        if (column.Index.Search(query, matches, bitmap is null ? null : new VectorSearchOptions { Filter = bitmap.ToFilter() }) < wanted)
        {
            return null;
        }

        var hits = new List<VectorHit>(wanted);
        foreach (VectorMatch match in matches)
        {
            if (rows.Find(match.Id) is not { } row)
            {
                return null;
            }

            // Measured again from the vector as it was given: the index keeps it scaled, coded, or both.
            hits.Add(new VectorHit(row, column.Field.Rule.Score(query, row.Vector(ordinal)!)));
        }

        Sort(hits, column);
        return hits;
    }

    private static void Sort(List<VectorHit> hits, VectorColumn column) => hits.Sort((x, y) =>
        column.Field.Rule.Compare(x.Score, y.Score) is var order and not 0 ? order : x.Row.Id.CompareTo(y.Row.Id));
}
