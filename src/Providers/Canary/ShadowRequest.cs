using Microsoft.Extensions.AI;

namespace Providers.Canary;

/// <summary>What is sent to a shadow: the same as to the target that served.</summary>
internal sealed record ShadowRequest(IReadOnlyList<string> Texts, EmbeddingGenerationOptions? Options);
