using System.Text.Json;

namespace Providers.Memory;

/// <summary>One memory. Immutable.</summary>
public sealed record MemoryRecord
{
    /// <summary>Gets the id, unique within its scope.</summary>
    /// <value>1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>. Empty (the default) on a write: the store gives it a UUIDv7.</value>
    public string Id { get; init; } = "";

    /// <summary>Gets what sort of memory it is.</summary>
    /// <value>1 to 32 of <c>A-Z a-z 0-9 . _ -</c>. Default: <c>note</c>.</value>
    public string Kind { get; init; } = "note";

    /// <summary>Gets the text.</summary>
    /// <value>1 to 65,536 bytes of UTF-8, not all white space, without U+0000.</value>
    public required string Text { get; init; }

    /// <summary>Gets the tags, without duplicates, in the order given.</summary>
    /// <value>At most 32, each of 1 to 64 characters.</value>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Gets a JSON object of the host's own.</summary>
    /// <value>At most 64 keys, depth 4, 16 KiB; <see langword="null"/> (the default): none.</value>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets how much the memory matters.</summary>
    /// <value>0 to 1. Default: 0.5.</value>
    public double Importance { get; init; } = 0.5;

    /// <summary>Gets where the memory comes from.</summary>
    /// <value><see langword="null"/> (the default): unknown.</value>
    public MemoryProvenance? Provenance { get; init; }

    /// <summary>Gets when the memory was first stored. Set by the store.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Gets when the memory was last changed. Set by the store.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Gets when the memory is forgotten.</summary>
    /// <value>In the future on a write; <see langword="null"/> (the default): never.</value>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Gets since when the memory is archived: kept, but out of listings and searches that do not ask for it.</summary>
    /// <value><see langword="null"/> (the default): it is active. On a write not in the future.</value>
    public DateTimeOffset? Archived { get; init; }

    /// <summary>Gets the number of the version, from 1. Set by the store.</summary>
    public long Version { get; init; }

    /// <summary>Gets the embedding.</summary>
    /// <value>1 to 4,096 finite numbers, not all zero; <see langword="null"/>: none, and search by meaning does not find the memory.</value>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>Gets the space the embedding belongs to.</summary>
    /// <value>1 to 128 characters; set exactly when <see cref="Vector"/> is.</value>
    public string? VectorSpace { get; init; }
}
