namespace Providers.Memory;

/// <summary>Makes one ranking of two by reciprocal rank (Cormack, Clarke and Buettcher, SIGIR 2009), scaled to 0-1: 1 is first in every ranking that was asked.</summary>
internal static class Fusion
{
    private const double K = 1; // decision 0204

    /// <summary>How many candidates each ranking should bring for so many results.</summary>
    public static int Candidates(int top) => Math.Max(50, top * 4);

    /// <param name="byVector">Rows with cosine similarity, best first; <see langword="null"/>: not asked.</param>
    /// <param name="byWords">Rows with BM25 scores, best first; <see langword="null"/>: not asked.</param>
    public static List<Fused> Fuse(IReadOnlyList<(long Row, double Score)>? byVector, IReadOnlyList<(long Row, double Score)>? byWords)
    {
        Dictionary<long, Fused> all = [];
        int asked = (byVector is null ? 0 : 1) + (byWords is null ? 0 : 1);
        for (int i = 0; i < byVector?.Count; i++)
        {
            (long row, double score) = byVector[i];
            all[row] = new Fused(row, asked == 1 ? Math.Clamp(score, 0, 1) : Share(i, asked), score, null);
        }

        for (int i = 0; i < byWords?.Count; i++)
        {
            (long row, double score) = byWords[i];
            all[row] = all.TryGetValue(row, out Fused? known)
                ? known with { Score = known.Score + Share(i, asked), KeywordScore = score }
                : new Fused(row, asked == 1 ? score / (1 + score) : Share(i, asked), null, score);
        }

        return [.. all.Values.OrderByDescending(static f => f.Score).ThenByDescending(static f => f.VectorScore ?? -2).ThenBy(static f => f.Row)];
    }

    public static double Share(int rank, int rankings) => (K + 1) / (K + 1 + rank) / rankings;

    internal sealed record Fused(long Row, double Score, double? VectorScore, double? KeywordScore);
}
