using System.Text.Json;

namespace Providers.Memory;

/// <summary>Which memories by their place in life.</summary>
public enum MemoryState
{
    /// <summary>Those that are not archived.</summary>
    Active,

    /// <summary>Those that are archived.</summary>
    Archived,

    /// <summary>Both.</summary>
    Any,
}

/// <summary>Which memories; every condition that is set must hold. At most 64 kinds, tags and metadata values in all. Expired memories pass no filter.</summary>
public sealed record MemoryFilter
{
    /// <summary>Gets the ids, of which one must match; empty (the default): any.</summary>
    /// <value>At most 1,000.</value>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>Gets whether active or archived memories pass. By itself it is no condition in the sense of <see cref="IMemoryStore.DeleteAsync"/>.</summary>
    /// <value>Default: <see cref="MemoryState.Active"/>, also where a filter is <see langword="null"/>.</value>
    public MemoryState State { get; init; }

    /// <summary>Gets the kinds, of which one must match; empty (the default): any.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Gets the tags, of which one must be there; empty (the default): any.</summary>
    public IReadOnlyList<string> TagsAny { get; init; } = [];

    /// <summary>Gets the tags that must all be there.</summary>
    public IReadOnlyList<string> TagsAll { get; init; } = [];

    /// <summary>Gets the top-level metadata values that must be equal: strings, numbers, booleans.</summary>
    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Gets the source of the provenance; <see langword="null"/> (the default): any.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the earliest creation, inclusive; <see langword="null"/> (the default): any.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Gets the latest creation, exclusive; <see langword="null"/> (the default): any.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Gets the least importance, 0 to 1; <see langword="null"/> (the default): any.</summary>
    public double? MinImportance { get; init; }

    /// <summary>Gets the latest change, exclusive; <see langword="null"/> (the default): any.</summary>
    public DateTimeOffset? UpdatedBefore { get; init; }

    /// <summary>Gets the latest archiving, exclusive, for memories that are archived; <see langword="null"/> (the default): any. Active ones do not pass.</summary>
    public DateTimeOffset? ArchivedBefore { get; init; }

    /// <summary>Gets the space that memories must have no vector in: those without a vector pass, and those of other spaces; <see langword="null"/> (the default): any.</summary>
    public string? OutsideSpace { get; init; }
}
