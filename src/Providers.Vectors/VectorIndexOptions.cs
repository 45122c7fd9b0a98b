namespace Providers.Vectors;

/// <summary>How an index is built. Read once by its constructor.</summary>
public sealed class VectorIndexOptions
{
    /// <summary>Gets the length of every vector.</summary>
    /// <value>1 to 16,384. Required.</value>
    public required int Dimensions { get; init => field = Check(value, 1, 16_384); }

    /// <summary>Gets how nearness is measured.</summary>
    /// <value>Default: <see cref="VectorMetric.Cosine"/>.</value>
    public VectorMetric Metric { get; init; }

    /// <summary>Gets whether full vectors are kept as bfloat16: half the memory, scores good to about three digits.</summary>
    /// <value>Default: <see langword="false"/>, float32.</value>
    public bool BFloat16 { get; init; }

    /// <summary>Gets whether <see cref="QuantizedFlatIndex"/> scans 1-bit codes (fastest, best from 256 dimensions up) or 8-bit codes.</summary>
    /// <value>Default: <see langword="true"/>, 1-bit.</value>
    public bool OneBit { get; init; } = true;

    /// <summary>Gets the most links of a vector at the lowest level of a graph.</summary>
    /// <value>8 to 128, even. Default: 32.</value>
    public int Links
    {
        get;
        init => field = value % 2 == 0
            ? Check(value, 8, 128)
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Links must be even: upper levels have half of them.");
    } = 32;

    /// <summary>Gets how many candidates graph construction keeps: more is slower to build and finds more.</summary>
    /// <value>8 to 2,000. Default: 128.</value>
    public int BuildExpansion { get; init => field = Check(value, 8, 2_000); } = 128;

    /// <summary>Gets how many threads link vectors in bulk and in the background.</summary>
    /// <value>1 to 1,024. Default: the number of processors.</value>
    public int BuildThreads { get; init => field = Check(value, 1, 1_024); } = Environment.ProcessorCount;

    /// <summary>Gets how many bytes the index may keep: writes beyond it are refused, and an adaptive index adds no part that would not fit.</summary>
    /// <value>1 or more. Default: no cap. While compaction runs, what is alive is there a second time and not counted.</value>
    public long MaxMemoryBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = long.MaxValue;

    /// <summary>Gets the share of deleted rows from which the index compacts itself.</summary>
    /// <value>0.01 to 1; 1 means never. Default: 0.25.</value>
    public double CompactionThreshold
    {
        get;
        init
        {
            if (value is not (>= 0.01 and <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "CompactionThreshold must be 0.01 to 1.");
            }

            field = value;
        }
    } = 0.25;

    /// <summary>Gets from how many vectors <see cref="AdaptiveVectorIndex"/> scans 8-bit codes.</summary>
    /// <value>1 or more. Default: 10,000; from a tenth of it when exact searches take over a millisecond.</value>
    public int QuantizeFrom { get; init => field = Check(value, 1, int.MaxValue); } = 10_000;

    /// <summary>Gets from how many vectors <see cref="AdaptiveVectorIndex"/> builds a graph.</summary>
    /// <value>1 or more. Default: 100,000; from a tenth of it when scans take over two milliseconds.</value>
    public int GraphFrom { get; init => field = Check(value, 1, int.MaxValue); } = 100_000;

    /// <summary>Gets the checkpoint's file; its log is beside it with the ending .log.</summary>
    /// <value>Default: <see langword="null"/>, memory only.</value>
    public string? Path { get; init; }

    /// <summary>Gets whether writes are logged here; otherwise the owner replays what came after <see cref="IVectorIndex.Watermark"/>.</summary>
    /// <value>Default: <see langword="true"/>. Without a path nothing is logged.</value>
    public bool OwnLog { get; init; } = true;

    /// <summary>Gets whether each write reaches the disk before it returns: survives power loss, not only the process.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool FlushEachWrite { get; init; }

    /// <summary>Gets the seed of rotations and graph levels.</summary>
    /// <value>Any number. Default: 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Gets the clock that measures what searches cost.</summary>
    /// <value>Default: <see cref="TimeProvider.System"/>.</value>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    private static int Check(int value, int least, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
        return value;
    }
}
