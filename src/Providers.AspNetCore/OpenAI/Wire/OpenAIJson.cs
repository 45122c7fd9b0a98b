using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.AspNetCore.OpenAI;

/// <summary>How the bodies of the OpenAI-compatible endpoints are read: strict as JSON, lenient towards names we do not use.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    AllowDuplicateProperties = false,
    MaxDepth = 64,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(EmbeddingRequest))]
[JsonSerializable(typeof(List<WirePart>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(ChatCompletionResponse))]
[JsonSerializable(typeof(EmbeddingResponse))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(WireModel))]
internal sealed partial class OpenAIJson : JsonSerializerContext;
