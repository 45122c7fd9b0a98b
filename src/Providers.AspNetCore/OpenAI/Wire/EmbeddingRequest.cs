using System.Text.Json.Serialization;

namespace Providers.AspNetCore.OpenAI;

/// <summary>The body of an embedding request.</summary>
internal sealed class EmbeddingRequest
{
    public string? Model { get; init; }

    [JsonRequired]
    [JsonConverter(typeof(EmbeddingInputConverter))]
    public List<string>? Input { get; init; }

    public int? Dimensions { get; init; }

    public string? EncodingFormat { get; init; }
}
