namespace Providers.Vectors;

/// <summary>What a caller chose.</summary>
internal enum IndexKind
{
    Exact,
    Quantized,
    Graph,
    Adaptive,
}

/// <summary>A search's settings, resolved.</summary>
internal readonly record struct SearchPlan(
    VectorMetric Metric, int Expansion, int Rescore, bool Exact, VectorFilter? Filter, SearchCost? Cost = null);
