using System.Text.Json;

namespace Providers.AspNetCore.OpenAI;

// The shapes of the answers, for the OpenAPI document. The answers themselves are written by hand: they are the hot path.

/// <summary>A whole answer.</summary>
internal sealed record ChatCompletionResponse(string Id, string Object, long Created, string Model, IReadOnlyList<WireChoice> Choices, WireUsage? Usage);

internal sealed record WireChoice(int Index, WireAnswer Message, JsonElement? Logprobs, string? FinishReason);

internal sealed record WireAnswer(string Role, string? Content, string? Refusal)
{
    public string? ReasoningContent { get; init; }

    public IReadOnlyList<WireToolCall>? ToolCalls { get; init; }
}

internal sealed record WireUsage(long PromptTokens, long CompletionTokens, long TotalTokens);

/// <summary>Embeddings in the order of the inputs.</summary>
internal sealed record EmbeddingResponse(string Object, IReadOnlyList<WireEmbedding> Data, string Model, WireEmbeddingUsage Usage);

/// <param name="Embedding">Numbers, or base64 of little-endian 32-bit floats where <c>encoding_format</c> says so.</param>
internal sealed record WireEmbedding(string Object, int Index, JsonElement Embedding);

internal sealed record WireEmbeddingUsage(long PromptTokens, long TotalTokens);

/// <summary>What may be named as <c>model</c>.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<WireModel> Data);

internal sealed record WireModel(string Id, string Object, long Created, string OwnedBy);
