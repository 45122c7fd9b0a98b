namespace Providers.Vectors;

/// <summary>Scans 1-bit (RaBitQ) or 8-bit codes of every vector and measures the best again in full: nothing to train, updated at once.</summary>
/// <param name="options">The options.</param>
/// <exception cref="VectorIndexCorruptException">The checkpoint or the log is damaged.</exception>
/// <exception cref="InvalidOperationException">The checkpoint was written with other options.</exception>
public sealed class QuantizedFlatIndex(VectorIndexOptions options) : VectorIndex(options, IndexKind.Quantized);
