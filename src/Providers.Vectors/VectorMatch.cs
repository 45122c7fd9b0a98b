namespace Providers.Vectors;

/// <summary>A vector that was found.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Score">Its nearness in the metric of the index; for <see cref="VectorMetric.SquaredL2"/> lower is nearer.</param>
public readonly record struct VectorMatch(long Id, float Score);
