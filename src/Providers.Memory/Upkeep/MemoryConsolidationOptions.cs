namespace Providers.Memory;

/// <summary>Which memories are put together into one.</summary>
public sealed class MemoryConsolidationOptions
{
    /// <summary>Gets or sets after how long without a change a memory may be consolidated.</summary>
    /// <value>More than zero. Default: 30 days.</value>
    public TimeSpan After { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets from which cosine similarity on memories are about the same.</summary>
    /// <value>0 to 1. Default: 0.7.</value>
    public double Similarity { get; set; } = 0.7;

    /// <summary>Gets or sets how many memories about the same make a summary worth while.</summary>
    /// <value>2 to 20. Default: 4.</value>
    public int Least { get; set; } = 4;

    /// <summary>Gets or sets how many summaries one round may write in one scope.</summary>
    /// <value>1 to 1,000. Default: 10.</value>
    public int MostSummaries { get; set; } = 10;
}
