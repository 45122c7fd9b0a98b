using System.Numerics.Tensors;
using Microsoft.Extensions.VectorData;
using Providers.Vectors;

namespace Providers.VectorData;

/// <summary>What a distance function's name means: which metric the index uses, what the score is, and which way is nearer.</summary>
internal sealed class DistanceRule
{
    private readonly Func<float[], float[], double> _score;

    private DistanceRule(VectorMetric metric, bool higherIsNearer, Func<float[], float[], double> score)
    {
        (Metric, HigherIsNearer, _score) = (metric, higherIsNearer, score);
    }

    public const string Supported = "CosineSimilarity, CosineDistance, DotProductSimilarity, NegativeDotProductSimilarity, EuclideanDistance, EuclideanSquaredDistance";

    public VectorMetric Metric { get; }

    public bool HigherIsNearer { get; }

    public static DistanceRule? Find(string name) => name switch
    {
        DistanceFunction.CosineSimilarity => new(VectorMetric.Cosine, true, Cosine),
        DistanceFunction.CosineDistance => new(VectorMetric.Cosine, false, static (x, y) => 1 - Cosine(x, y)),
        DistanceFunction.DotProductSimilarity => new(VectorMetric.Dot, true, static (x, y) => TensorPrimitives.Dot<float>(x, y)),
        DistanceFunction.NegativeDotProductSimilarity => new(VectorMetric.Dot, false, static (x, y) => -TensorPrimitives.Dot<float>(x, y)),
        DistanceFunction.EuclideanDistance => new(VectorMetric.SquaredL2, false, static (x, y) => TensorPrimitives.Distance<float>(x, y)),
        DistanceFunction.EuclideanSquaredDistance => new(VectorMetric.SquaredL2, false, Squared),
        _ => null,
    };

    /// <summary>The score a caller sees, from the vectors as they were stored.</summary>
    public double Score(float[] query, float[] vector) => _score(query, vector);

    /// <summary>Less than zero when the first score is nearer.</summary>
    public int Compare(double x, double y) => HigherIsNearer ? y.CompareTo(x) : x.CompareTo(y);

    public bool Passes(double score, double? threshold) => threshold is not { } limit || (HigherIsNearer ? score >= limit : score <= limit);

    // Rounding may carry a cosine a hair beyond one.
    private static double Cosine(float[] x, float[] y) => Math.Clamp(TensorPrimitives.CosineSimilarity<float>(x, y), -1, 1);

    private static double Squared(float[] x, float[] y)
    {
        double distance = TensorPrimitives.Distance<float>(x, y);
        return distance * distance;
    }
}
