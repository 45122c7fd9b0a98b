namespace Providers.Vectors;

/// <summary>What is kept per row; the numbers are section ids of the checkpoint.</summary>
internal enum Part
{
    Ids,
    Dead,
    Vectors,
    Codes,
    Scales,
    Norms,
    Bits,
    BitFactors,
    Links,
    Upper,
}

/// <summary>How many bytes each part of a row takes.</summary>
internal sealed class RowLayout(int dimensions, VectorMetric metric, bool brain, int links)
{
    public const int PartCount = 10;
    public const int ChunkShift = 12;
    public const int ChunkRows = 1 << ChunkShift;

    public int Dimensions { get; } = dimensions;

    public VectorMetric Metric { get; } = metric;

    /// <summary>Gets whether vectors are kept as bfloat16.</summary>
    public bool Brain { get; } = brain;

    /// <summary>Gets the out-degree of the lowest graph level; upper levels have half of it.</summary>
    public int Links { get; } = links;

    /// <summary>Gets the elements from one vector to the next.</summary>
    public int Stride { get; } = (dimensions + 15) & ~15;

    public int CodeStride { get; } = (dimensions + 31) & ~31;

    public int BitBlockBytes { get; } = BitQuantizer.Padded(dimensions) / 4 * 32;

    public int BytesPerRow(Part part) => part switch
    {
        Part.Ids or Part.Dead => sizeof(long),
        Part.Vectors => Stride * (Brain ? sizeof(ushort) : sizeof(float)),
        Part.Codes => CodeStride,
        Part.Scales or Part.Norms or Part.BitFactors or Part.Upper => sizeof(float),
        Part.Bits => BitBlockBytes / 64,
        _ => Links * sizeof(int),
    };

    /// <summary>Bytes of a part for so many rows; 1-bit codes come in blocks of 64.</summary>
    public long Bytes(Part part, int rows) => (long)BytesPerRow(part) * (part is Part.Bits ? (rows + 63) & ~63 : rows);
}
