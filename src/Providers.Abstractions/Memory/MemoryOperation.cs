using System.Text.Json;

namespace Providers.Memory;

/// <summary>One change within a transaction.</summary>
public abstract record MemoryOperation
{
    private protected MemoryOperation()
    {
    }
}

/// <summary>Stores a memory: a new one, or the next version of the one with its id, whose links stay.</summary>
/// <param name="Record">The memory, whole. Created, updated and version are the store's; archived is taken as it is given.</param>
public sealed record MemoryUpsert(MemoryRecord Record) : MemoryOperation
{
    /// <summary>Gets the version that must be there.</summary>
    /// <value>0: none may be there; <see langword="null"/> (the default): any.</value>
    public long? ExpectedVersion { get; init; }

    /// <summary>Gets whether <see cref="MemoryRecord.Created"/> and <see cref="MemoryRecord.Updated"/> are taken over from the record, for imports.</summary>
    /// <value>Default: <see langword="false"/>, both are the store's. Times that are not set are the store's all the same; future ones are refused.</value>
    public bool KeepTimes { get; init; }
}

/// <summary>Changes parts of a memory; what is not set stays.</summary>
/// <param name="Id">The memory's id. It must exist.</param>
public sealed record MemoryPatch(string Id) : MemoryOperation
{
    /// <summary>Gets the version that must be there.</summary>
    /// <value><see langword="null"/> (the default): any.</value>
    public long? ExpectedVersion { get; init; }

    /// <summary>Gets the new text. A changed text needs its new vector with it, or loses the old one.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the new tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Gets the new metadata; a JSON null takes it away.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets the new importance, 0 to 1.</summary>
    public double? Importance { get; init; }

    /// <summary>Gets when the memory is forgotten from now on; <see cref="DateTimeOffset.MaxValue"/>: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Gets whether the memory is archived from now on, or active again; <see langword="null"/> (the default): as it is. One that is archived keeps its moment.</summary>
    public bool? Archived { get; init; }

    /// <summary>Gets the new vector.</summary>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>Gets the new vector's space; set exactly when <see cref="Vector"/> is.</summary>
    public string? VectorSpace { get; init; }
}

/// <summary>Gives a memory another vector for the same text, as when the embedding model changes: no new version, and nothing else of the memory changes.</summary>
/// <param name="Id">The memory's id. It must exist.</param>
/// <param name="Vector">The vector.</param>
/// <param name="VectorSpace">The vector's space.</param>
public sealed record MemoryEmbed(string Id, ReadOnlyMemory<float> Vector, string VectorSpace) : MemoryOperation
{
    /// <summary>Gets the version that must be there.</summary>
    /// <value><see langword="null"/> (the default): any.</value>
    public long? ExpectedVersion { get; init; }
}

/// <summary>Deletes a memory, its history and its links; one that is not there is no failure.</summary>
/// <param name="Id">The memory's id.</param>
public sealed record MemoryDelete(string Id) : MemoryOperation
{
    /// <summary>Gets the version that must be there.</summary>
    /// <value><see langword="null"/> (the default): any, or none.</value>
    public long? ExpectedVersion { get; init; }
}
