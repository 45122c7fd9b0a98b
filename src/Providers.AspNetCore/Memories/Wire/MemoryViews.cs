using System.Text.Json;
using System.Text.Json.Serialization;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>A memory as it is shown.</summary>
internal sealed record MemoryView
{
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Text { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public JsonElement? Metadata { get; init; }

    public required double Importance { get; init; }

    public ProvenanceView? Provenance { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? ArchivedAt { get; init; }

    public required long Version { get; init; }

    public string? VectorSpace { get; init; }

    /// <summary>Gets the vector; shown where <c>include=vector</c> asks for it, and in exports.</summary>
    [JsonConverter(typeof(VectorConverter))]
    public float[]? Vector { get; init; }

    public static MemoryView Of(MemoryRecord record, bool vector = false) => new()
    {
        Id = record.Id,
        Kind = record.Kind,
        Text = record.Text,
        Tags = record.Tags,
        Metadata = record.Metadata,
        Importance = record.Importance,
        Provenance = record.Provenance is { } p ? new ProvenanceView(p.Source, p.Actor, p.Evidence, p.Trust) : null,
        CreatedAt = record.Created,
        UpdatedAt = record.Updated,
        ExpiresAt = record.Expires,
        ArchivedAt = record.Archived,
        Version = record.Version,
        VectorSpace = record.VectorSpace,
        Vector = vector && record.Vector is { } numbers ? numbers.ToArray() : null,
    };
}

internal sealed record ProvenanceView(string Source, string? Actor, IReadOnlyList<string> Evidence, double Trust);

/// <summary>What became of a memory that was stored.</summary>
/// <param name="Created">Whether it is new.</param>
internal sealed record ReceiptView(string Id, long Version, bool Created)
{
    /// <summary>Gets the near-duplicate that it was merged into.</summary>
    public string? DuplicateOf { get; init; }
}

internal sealed record MemoryPageView(IReadOnlyList<MemoryView> Items)
{
    public string? NextCursor { get; init; }
}

internal sealed record MemoryListView(IReadOnlyList<MemoryView> Items);

internal sealed record MatchListView(IReadOnlyList<MatchView> Matches);

/// <summary>A memory that was found, and how well it fits.</summary>
internal sealed record MatchView(MemoryView Memory, double Score)
{
    public double? VectorScore { get; init; }

    public double? KeywordScore { get; init; }

    public IReadOnlyDictionary<string, double>? Factors { get; init; }
}

internal sealed record StatsView(long Count, long TextBytes, long Archived, long Links)
{
    public required IReadOnlyDictionary<string, long> ByKind { get; init; }

    public required IReadOnlyDictionary<string, long> ByTag { get; init; }

    public required IReadOnlyDictionary<string, long> BySpace { get; init; }

    public DateTimeOffset? Oldest { get; init; }

    public DateTimeOffset? Newest { get; init; }
}

internal sealed record EdgeListView(IReadOnlyList<EdgeView> Links);

internal sealed record EdgeView(string From, string Relation, string To, int Depth);

internal sealed record TagListView(IReadOnlyList<string> Tags);
