namespace Providers.Memory;

/// <summary>Where a memory comes from, and how far it is trusted. Immutable.</summary>
public sealed record MemoryProvenance
{
    /// <summary>Gets the source: <c>user</c>, <c>agent</c>, <c>system</c>, or a name of the host's own.</summary>
    /// <value>1 to 128 characters.</value>
    public required string Source { get; init; }

    /// <summary>Gets who wrote it.</summary>
    /// <value>Up to 128 characters; <see langword="null"/> (the default): unknown.</value>
    public string? Actor { get; init; }

    /// <summary>Gets what it rests on: addresses, document ids.</summary>
    /// <value>At most 32, each up to 2,048 characters.</value>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>Gets how far it is trusted.</summary>
    /// <value>0 to 1. Default: 0.5.</value>
    public double Trust { get; init; } = 0.5;
}
