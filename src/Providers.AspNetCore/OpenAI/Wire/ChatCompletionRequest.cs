using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.AspNetCore.OpenAI;

/// <summary>The body of a chat completion. What OpenAI's API knows and this door does not use is passed over.</summary>
internal sealed class ChatCompletionRequest
{
    public string? Model { get; init; }

    [JsonRequired]
    public List<WireMessage>? Messages { get; init; }

    public int? MaxTokens { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public float? FrequencyPenalty { get; init; }

    public float? PresencePenalty { get; init; }

    public long? Seed { get; init; }

    public int? N { get; init; }

    [JsonConverter(typeof(OneOrManyConverter))]
    public List<string>? Stop { get; init; }

    public bool? Stream { get; init; }

    public WireStreamOptions? StreamOptions { get; init; }

    public List<WireTool>? Tools { get; init; }

    public JsonElement? ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    public WireResponseFormat? ResponseFormat { get; init; }

    public bool? Logprobs { get; init; }

    public int? TopLogprobs { get; init; }

    public string? ReasoningEffort { get; init; }

    public JsonElement? Functions { get; init; }
}

/// <summary>What a streamed answer carries beside its text.</summary>
internal sealed class WireStreamOptions
{
    public bool? IncludeUsage { get; init; }
}
