namespace Providers.Vectors;

/// <summary>Searches a hierarchical navigable small world graph (Malkov and Yashunin, TPAMI 2018) over 8-bit codes and measures the best again in full.</summary>
/// <param name="options">The options.</param>
/// <exception cref="VectorIndexCorruptException">The checkpoint or the log is damaged.</exception>
/// <exception cref="InvalidOperationException">The checkpoint was written with other options.</exception>
public sealed class HnswIndex(VectorIndexOptions options) : VectorIndex(options, IndexKind.Graph);
