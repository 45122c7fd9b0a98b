namespace Providers.Memory;

/// <summary>What is done for a memory in the background, in all scopes.</summary>
public sealed class MemoryUpkeepOptions
{
    /// <summary>Gets or sets how long after one round the next begins.</summary>
    /// <value>1 second to 7 days. Default: 10 minutes.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets after how long without a change a memory is archived.</summary>
    /// <value>More than zero; <see langword="null"/> (the default): never.</value>
    public TimeSpan? ArchiveAfter { get; set; }

    /// <summary>Gets or sets from which importance on a memory is never archived for its age.</summary>
    /// <value>0 to 1; above 1 nothing is spared. Default: 0.8.</value>
    public double ArchiveBelowImportance { get; set; } = 0.8;

    /// <summary>Gets or sets how long an archived memory is kept before it is deleted.</summary>
    /// <value>More than zero; <see langword="null"/> (the default): for ever.</value>
    public TimeSpan? PurgeArchivedAfter { get; set; }

    /// <summary>Gets or sets whether memories of another embedding model's space are embedded again.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Reembed { get; set; } = true;
}
