using Microsoft.Extensions.AI;

namespace Providers.Memory;

/// <summary>What a service may have besides its store and its model.</summary>
internal sealed record MemoryParts
{
    public IReranker? Reranker { get; init; }

    public IReadOnlyList<IMemoryRedactor> Redactors { get; init; } = [];

    /// <summary>The model before this one, asked for queries as long as memories are left in its space.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Previous { get; init; }
}
