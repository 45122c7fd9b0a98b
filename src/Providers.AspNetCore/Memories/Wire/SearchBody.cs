using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.AspNetCore.Memories;

/// <summary>What to look for.</summary>
internal sealed record SearchBody
{
    public string? Text { get; init; }

    [JsonConverter(typeof(VectorConverter))]
    public float[]? Vector { get; init; }

    public string? VectorSpace { get; init; }

    /// <summary>Gets how: hybrid, semantic or keyword.</summary>
    public string? Mode { get; init; }

    public int? Top { get; init; }

    public double? MinScore { get; init; }

    public FilterBody? Filter { get; init; }

    /// <summary>Gets whether each match says what its score is made of.</summary>
    public bool? Explain { get; init; }
}

/// <summary>Which memories; every condition that is named must hold. The same in searches, lists, exports and erasures.</summary>
internal sealed record FilterBody
{
    public IReadOnlyList<string>? Ids { get; init; }

    public IReadOnlyList<string>? Kinds { get; init; }

    public IReadOnlyList<string>? TagsAny { get; init; }

    public IReadOnlyList<string>? TagsAll { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    public string? Source { get; init; }

    public DateTimeOffset? CreatedFrom { get; init; }

    public DateTimeOffset? CreatedBefore { get; init; }

    public DateTimeOffset? UpdatedBefore { get; init; }

    public double? MinImportance { get; init; }

    /// <summary>Gets which by their place in life: active, archived or any.</summary>
    public string? State { get; init; }
}

/// <summary>What to export.</summary>
internal sealed record ExportBody
{
    public FilterBody? Filter { get; init; }
}
