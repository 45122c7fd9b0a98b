namespace Providers.VectorData;

/// <summary>A row that was found, with the score a caller sees.</summary>
internal readonly record struct VectorHit(Row Row, double Score);
