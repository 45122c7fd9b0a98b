namespace Providers.Vectors;

/// <summary>How nearness is measured.</summary>
public enum VectorMetric
{
    /// <summary>Cosine similarity: score -1 to 1, higher is nearer. Vectors are kept at length one.</summary>
    Cosine,

    /// <summary>Dot product: higher is nearer.</summary>
    Dot,

    /// <summary>Squared Euclidean distance: lower is nearer.</summary>
    SquaredL2,
}
