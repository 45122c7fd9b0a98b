namespace Providers.Vectors;

/// <summary>The default: exact while small, then 8-bit codes, then a graph, changed in the background by size and measured cost.</summary>
/// <param name="options">The options.</param>
/// <exception cref="VectorIndexCorruptException">The checkpoint or the log is damaged.</exception>
/// <exception cref="InvalidOperationException">The checkpoint was written with other options.</exception>
public sealed class AdaptiveVectorIndex(VectorIndexOptions options) : VectorIndex(options, IndexKind.Adaptive);
