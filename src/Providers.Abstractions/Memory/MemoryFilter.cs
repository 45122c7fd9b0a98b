using System.Text.Json;

namespace Providers.Memory;

/// <summary>Which memories; every condition that is set must hold. At most 64 values in all.</summary>
public sealed record MemoryFilter
{
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
}
