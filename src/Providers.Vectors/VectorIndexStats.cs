namespace Providers.Vectors;

/// <summary>What an index holds and what it costs.</summary>
/// <param name="Count">Vectors that can be found.</param>
/// <param name="Deleted">Rows deleted or replaced but not yet compacted away.</param>
/// <param name="VectorBytes">Bytes of full vectors.</param>
/// <param name="CodeBytes">Bytes of 8-bit and 1-bit codes with their factors.</param>
/// <param name="GraphBytes">Bytes of links.</param>
/// <param name="IdBytes">Bytes of ids, versions and the id table.</param>
/// <param name="Structure">What answers searches: Exact, Int8, Bits or Graph.</param>
/// <param name="DroppedLogBytes">Bytes of a torn record dropped from the end of the log at opening.</param>
public sealed record VectorIndexStats(
    int Count, int Deleted, long VectorBytes, long CodeBytes, long GraphBytes, long IdBytes, string Structure, long DroppedLogBytes)
{
    /// <summary>Gets the bytes of all parts together.</summary>
    public long TotalBytes => VectorBytes + CodeBytes + GraphBytes + IdBytes;

    /// <summary>Gets the bytes per vector that can be found, or 0 when there is none.</summary>
    public double BytesPerVector => PerVector(TotalBytes);

    /// <summary>Gets the bytes of full vectors per vector that can be found, or 0 when there is none.</summary>
    public double VectorBytesPerVector => PerVector(VectorBytes);

    /// <summary>Gets the bytes of codes per vector that can be found, or 0 when there is none.</summary>
    public double CodeBytesPerVector => PerVector(CodeBytes);

    /// <summary>Gets the bytes of links per vector that can be found, or 0 when there is none.</summary>
    public double GraphBytesPerVector => PerVector(GraphBytes);

    /// <summary>Gets the bytes of ids, versions and the id table per vector that can be found, or 0 when there is none.</summary>
    public double IdBytesPerVector => PerVector(IdBytes);

    private double PerVector(long bytes) => Count == 0 ? 0 : (double)bytes / Count;
}
