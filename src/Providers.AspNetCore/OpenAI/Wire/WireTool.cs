using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.AspNetCore.OpenAI;

/// <summary>A tool that the model may call.</summary>
internal sealed class WireTool
{
    [JsonRequired]
    public string? Type { get; init; }

    public WireFunction? Function { get; init; }
}

internal sealed class WireFunction
{
    [JsonRequired]
    public string? Name { get; init; }

    public string? Description { get; init; }

    public JsonElement? Parameters { get; init; }

    public bool? Strict { get; init; }
}

/// <summary>What form the answer has.</summary>
internal sealed class WireResponseFormat
{
    [JsonRequired]
    public string? Type { get; init; }

    public WireJsonSchema? JsonSchema { get; init; }
}

internal sealed class WireJsonSchema
{
    [JsonRequired]
    public string? Name { get; init; }

    public string? Description { get; init; }

    public JsonElement? Schema { get; init; }

    public bool? Strict { get; init; }
}
