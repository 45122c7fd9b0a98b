using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.Memory.Tools;

internal sealed record StoreResult(string Namespace, string Id, long Version, bool Created)
{
    public string? DuplicateOf { get; init; }
}

internal sealed record UpdateResult(string Namespace, string Id, long Version);

internal sealed record DeleteResult(string Namespace, long Deleted);

internal sealed record GetResult(string Namespace, string Notice, MemoryItem Memory);

internal sealed record SearchResult(string Namespace, string Mode, string Notice, IReadOnlyList<MemoryItem> Items, int LeftOut);

internal sealed record ListResult(string Namespace, string Notice, IReadOnlyList<MemoryItem> Items)
{
    public string? NextCursor { get; init; }
}

internal sealed record TransactionResult(string Namespace, bool Replayed, IReadOnlyList<OutcomeItem> Outcomes);

internal sealed record OutcomeItem(int Index, string Change, string Id, long Version);

internal sealed record EdgeItem(string From, string Relation, string To, int Depth);

internal sealed record RelatedResult(string Namespace, IReadOnlyList<EdgeItem> Edges);

internal sealed record LinkResult(string Namespace, string Id, string Change);

internal sealed record StatsResult(string Namespace, long Count, long TextBytes, string Health)
{
    public DateTimeOffset? Oldest { get; init; }

    public DateTimeOffset? Newest { get; init; }

    public long Archived { get; init; }

    public long Links { get; init; }

    public IReadOnlyDictionary<string, long>? ByKind { get; init; }

    public IReadOnlyDictionary<string, long>? ByTag { get; init; }

    public IndexItem? Index { get; init; }
}

internal sealed record IndexItem(string Kind, IReadOnlyDictionary<string, long> BySpace)
{
    public int Probed { get; init; }

    /// <summary>Gets the share of the probed memories that a search by their own vector finds first.</summary>
    public double? Recall { get; init; }
}

/// <summary>A memory as a tool shows it.</summary>
internal sealed record MemoryItem(string Id, long Version, string Kind, string Text, IReadOnlyList<string> Tags, string Source, double Trust, DateTimeOffset Created)
{
    public double? Score { get; init; }

    public bool? Truncated { get; init; }

    public double? Importance { get; init; }

    public DateTimeOffset? Updated { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public JsonElement? Metadata { get; init; }

    public ScoreItem? Explain { get; init; }
}

internal sealed record ScoreItem
{
    public double? Semantic { get; init; }

    public double? Keyword { get; init; }

    public IReadOnlyDictionary<string, double>? Factors { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoreResult))]
[JsonSerializable(typeof(UpdateResult))]
[JsonSerializable(typeof(DeleteResult))]
[JsonSerializable(typeof(GetResult))]
[JsonSerializable(typeof(SearchResult))]
[JsonSerializable(typeof(ListResult))]
[JsonSerializable(typeof(TransactionResult))]
[JsonSerializable(typeof(StatsResult))]
[JsonSerializable(typeof(RelatedResult))]
[JsonSerializable(typeof(LinkResult))]
internal sealed partial class MemoryToolJson : JsonSerializerContext
{
    private static MemoryToolJson? s_plain; // made on demand: the order in which the generated parts begin is nobody's promise

    /// <summary>Gets the context that leaves text readable: what is written here is never put into a page.</summary>
    public static MemoryToolJson Plain => s_plain ??= new MemoryToolJson(new JsonSerializerOptions(Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
