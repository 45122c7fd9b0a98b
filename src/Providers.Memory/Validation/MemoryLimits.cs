namespace Providers.Memory;

/// <summary>How large memories, queries and transactions may be.</summary>
public sealed class MemoryLimits
{
    /// <summary>Gets or sets the longest text, in bytes of UTF-8.</summary>
    /// <value>1 to 16,777,216. Default: 65,536.</value>
    public int TextBytes { get; set; } = 65_536;

    /// <summary>Gets or sets how many tags a memory may have.</summary>
    /// <value>0 to 1,024. Default: 32.</value>
    public int Tags { get; set; } = 32;

    /// <summary>Gets or sets the longest tag, in characters.</summary>
    /// <value>1 to 1,024. Default: 64.</value>
    public int TagLength { get; set; } = 64;

    /// <summary>Gets or sets the largest metadata, in bytes of JSON.</summary>
    /// <value>0 to 1,048,576. Default: 16,384.</value>
    public int MetadataBytes { get; set; } = 16_384;

    /// <summary>Gets or sets how many keys metadata may have, in all its objects together.</summary>
    /// <value>0 to 4,096. Default: 64.</value>
    public int MetadataKeys { get; set; } = 64;

    /// <summary>Gets or sets how deep metadata may be nested.</summary>
    /// <value>1 to 64. Default: 4.</value>
    public int MetadataDepth { get; set; } = 4;

    /// <summary>Gets or sets the largest number of dimensions.</summary>
    /// <value>1 to 16,384. Default: 4,096.</value>
    public int Dimensions { get; set; } = 4_096;

    /// <summary>Gets or sets how many changes a transaction may have.</summary>
    /// <value>1 to 100,000. Default: 1,000.</value>
    public int Operations { get; set; } = 1_000;

    /// <summary>Gets or sets how many results a search, or memories a page, may have.</summary>
    /// <value>1 to 10,000. Default: 200.</value>
    public int Results { get; set; } = 200;
}
