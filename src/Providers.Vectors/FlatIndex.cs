namespace Providers.Vectors;

/// <summary>Measures every vector in full: exact, nothing to build, best up to some 10,000 vectors.</summary>
/// <param name="options">The options.</param>
/// <exception cref="VectorIndexCorruptException">The checkpoint or the log is damaged.</exception>
/// <exception cref="InvalidOperationException">The checkpoint was written with other options.</exception>
public sealed class FlatIndex(VectorIndexOptions options) : VectorIndex(options, IndexKind.Exact);
