using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.AspNetCore.Memories;

/// <summary>A memory as it is sent. Tenant, version and times are the door's and the store's; a body that names them is refused.</summary>
internal sealed record MemoryBody
{
    public string? Id { get; init; }

    public string? Kind { get; init; }

    [JsonRequired]
    public string? Text { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public JsonElement? Metadata { get; init; }

    public double? Importance { get; init; }

    public ProvenanceBody? Provenance { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Gets in how many seconds the memory is forgotten; not together with <see cref="ExpiresAt"/>.</summary>
    public long? TtlSeconds { get; init; }

    [JsonConverter(typeof(VectorConverter))]
    public float[]? Vector { get; init; }

    public string? VectorSpace { get; init; }
}

/// <summary>Where a memory comes from; who wrote it is the caller.</summary>
internal sealed record ProvenanceBody
{
    [JsonRequired]
    public string? Source { get; init; }

    public IReadOnlyList<string>? Evidence { get; init; }

    public double? Trust { get; init; }
}

/// <summary>What of a memory changes; what is not named stays.</summary>
internal sealed record MemoryPatchBody
{
    public string? Text { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Gets the new metadata; null takes it away.</summary>
    public JsonElement? Metadata { get; init; }

    public double? Importance { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public long? TtlSeconds { get; init; }

    public bool? Archived { get; init; }

    [JsonConverter(typeof(VectorConverter))]
    public float[]? Vector { get; init; }

    public string? VectorSpace { get; init; }
}
