using System.Numerics.Tensors;

namespace Providers.Memory;

/// <summary>Lays recency, importance and variety over the order of relevance.</summary>
internal static class Ranking
{
    /// <summary>Multiplies scores by recency, halved with each half-life, and by importance, each as far as its weight goes.</summary>
    public static List<MemoryMatch> Weigh(IEnumerable<MemoryMatch> matches, MemoryOptions options, DateTimeOffset now)
    {
        List<MemoryMatch> weighed = [];
        foreach (MemoryMatch match in matches)
        {
            double age = Math.Max(0, (now - match.Record.Updated) / options.RecencyHalfLife);
            double recency = 1 - (options.RecencyWeight * (1 - Math.Pow(2, -age)));
            double importance = 1 - (options.ImportanceWeight * (1 - match.Record.Importance));
            weighed.Add(match with
            {
                Score = match.Score * recency * importance,
                Factors = new Dictionary<string, double>(match.Factors) { ["relevance"] = match.Score, ["recency"] = recency, ["importance"] = importance },
            });
        }

        return [.. weighed.OrderByDescending(static m => m.Score).ThenBy(static m => m.Record.Id, StringComparer.Ordinal)];
    }

    /// <summary>Picks results one by one, each marked down for the greatest similarity to those before it (Carbonell and Goldstein, SIGIR 1998).</summary>
    public static List<MemoryMatch> Diversify(List<MemoryMatch> matches, double variety, int top)
    {
        if (variety == 0 || matches.Count <= 1)
        {
            return matches.Count <= top ? matches : matches[..top];
        }

        List<MemoryMatch> left = [.. matches], chosen = [];
        while (chosen.Count < top && left.Count > 0)
        {
            (int best, double value, double penalty) = (0, double.NegativeInfinity, 0);
            for (int i = 0; i < left.Count; i++)
            {
                double likeness = chosen.Count == 0 ? 0 : Math.Max(0, chosen.Max(c => Similarity(c.Record, left[i].Record)));
                double marginal = ((1 - variety) * left[i].Score) - (variety * likeness * left[i].Score);
                if (marginal > value)
                {
                    (best, value, penalty) = (i, marginal, likeness);
                }
            }

            chosen.Add(left[best] with { Factors = new Dictionary<string, double>(left[best].Factors) { ["similar_to_better"] = penalty } });
            left.RemoveAt(best);
        }

        return chosen;
    }

    private static double Similarity(MemoryRecord a, MemoryRecord b) =>
        a is { Vector: { } x, VectorSpace: { } space } && b.Vector is { } y && b.VectorSpace == space ? TensorPrimitives.CosineSimilarity(Scale.Tame(x.Span), Scale.Tame(y.Span))
        : a.Text == b.Text ? 1 : 0;
}
