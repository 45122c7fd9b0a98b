namespace Providers.Memory;

/// <summary>The order of a listing; equal ones follow by id, ordinal, in the same direction.</summary>
public enum MemoryOrder
{
    /// <summary>By creation, the oldest first.</summary>
    OldestFirst,

    /// <summary>By creation, the newest first.</summary>
    NewestFirst,
}

/// <summary>How memories are listed.</summary>
public sealed record MemoryListOptions
{
    /// <summary>Gets the order.</summary>
    /// <value>Default: <see cref="MemoryOrder.OldestFirst"/>.</value>
    public MemoryOrder Order { get; init; }

    /// <summary>Gets how many at most.</summary>
    /// <value>1 to 200. Default: 50.</value>
    public int Limit { get; init; } = 50;

    /// <summary>Gets where to go on: <see cref="MemoryPage.NextCursor"/> of the page before, with the same filter and order.</summary>
    /// <value><see langword="null"/> (the default): at the beginning.</value>
    public string? Cursor { get; init; }

    /// <summary>Gets which memories; <see langword="null"/> (the default): all.</summary>
    public MemoryFilter? Filter { get; init; }
}

/// <summary>A part of a listing. A memory is on exactly one page, however many are added or deleted meanwhile.</summary>
/// <param name="Records">The memories.</param>
/// <param name="NextCursor">Where the next page begins; <see langword="null"/>: this was the last.</param>
public sealed record MemoryPage(IReadOnlyList<MemoryRecord> Records, string? NextCursor);

/// <summary>What a scope holds.</summary>
/// <param name="Count">The active memories: neither archived nor expired. All other counts but <see cref="Archived"/> and <see cref="Links"/> are of these.</param>
/// <param name="TextBytes">Their texts, in bytes of UTF-8.</param>
public sealed record MemoryStats(long Count, long TextBytes)
{
    /// <summary>Gets the number of memories of each kind.</summary>
    public IReadOnlyDictionary<string, long> ByKind { get; init; } = new Dictionary<string, long>();

    /// <summary>Gets the number of memories with each of the 100 most frequent tags.</summary>
    public IReadOnlyDictionary<string, long> ByTag { get; init; } = new Dictionary<string, long>();

    /// <summary>Gets the number of memories with a vector, by its space.</summary>
    public IReadOnlyDictionary<string, long> BySpace { get; init; } = new Dictionary<string, long>();

    /// <summary>Gets the number of archived memories.</summary>
    public long Archived { get; init; }

    /// <summary>Gets the number of links between memories, active or archived.</summary>
    public long Links { get; init; }

    /// <summary>Gets when the oldest was created; <see langword="null"/>: there is none.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Gets when the newest was created; <see langword="null"/>: there is none.</summary>
    public DateTimeOffset? Newest { get; init; }
}
