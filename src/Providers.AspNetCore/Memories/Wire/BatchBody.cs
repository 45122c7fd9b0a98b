using System.Text.Json.Serialization;

namespace Providers.AspNetCore.Memories;

/// <summary>Changes that happen all or not at all, in order.</summary>
internal sealed record BatchBody
{
    [JsonRequired]
    public IReadOnlyList<BatchOperation>? Operations { get; init; }

    /// <summary>Gets whether versions that are replaced are kept as history.</summary>
    public bool? KeepHistory { get; init; }
}

/// <summary>One change: exactly one of its members is set.</summary>
internal sealed record BatchOperation
{
    public MemoryBody? Upsert { get; init; }

    public BatchPatch? Patch { get; init; }

    public BatchDelete? Delete { get; init; }

    public BatchLink? Link { get; init; }

    public BatchLink? Unlink { get; init; }

    /// <summary>Gets the version that must be there; 0: none may be there.</summary>
    public long? ExpectedVersion { get; init; }
}

internal sealed record BatchPatch
{
    [JsonRequired]
    public string? Id { get; init; }

    [JsonRequired]
    public MemoryPatchBody? Changes { get; init; }
}

internal sealed record BatchDelete
{
    [JsonRequired]
    public string? Id { get; init; }
}

internal sealed record BatchLink
{
    [JsonRequired]
    public string? From { get; init; }

    [JsonRequired]
    public string? Relation { get; init; }

    [JsonRequired]
    public string? To { get; init; }
}

/// <summary>What became of each change, in order.</summary>
internal sealed record BatchView(IReadOnlyList<OutcomeView> Outcomes, bool Replayed);

internal sealed record OutcomeView(string Change, string Id, long Version);

/// <summary>What an import did.</summary>
/// <param name="Imported">How many memories are stored now.</param>
/// <param name="NextLine">The line to go on from.</param>
internal sealed record ImportView(long Imported, long NextLine);

/// <summary>Work that goes on after its request was answered.</summary>
/// <param name="Status">running, succeeded, failed or cancelled.</param>
internal sealed record JobView(string Id, string Kind, string Status, DateTimeOffset StartedAt)
{
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Gets how many memories it has dealt with.</summary>
    public long? Count { get; init; }

    public string? Error { get; init; }
}
