using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Providers.Plans;
using Providers.Routing;

namespace Providers.Reranking;

/// <summary>The one reranker of a composite: a target that reranks, or, where the route has none or none can serve, the cosine of the embeddings. Safe for concurrent use.</summary>
internal sealed class CompositeReranker(Router router, Failover failover, IEmbeddingGenerator<string, Embedding<float>> embeddings) : IReranker
{
    public async Task<IReadOnlyList<RerankResult>> RerankAsync(
        string query, IReadOnlyList<string> documents, string? modelId = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(query);
        ArgumentNullException.ThrowIfNull(documents);
        if (documents.Count == 0)
        {
            throw new ArgumentException("There are no documents to score; give at least one.", nameof(documents));
        }

        Call call = router.Begin(modelId, null, ModelCapabilities.Rerank, cancellationToken);
        if (!Array.Exists(call.Route.Targets, static t => t.Reranker is not null))
        {
            string? embeddingRoute = Array.Exists(call.Route.Targets, static t => t.Embeddings is not null) ? modelId : null;
            router.End(call);
            return await ByVectorsAsync(query, documents, embeddingRoute, cancellationToken).ConfigureAwait(false);
        }

        bool embeds = Array.Exists(call.Route.Targets, static t => t.Embeddings is not null);
        IReadOnlyList<RerankResult> scores;
        try
        {
            scores = await failover.RunAsync<RerankOperation, IReadOnlyList<RerankResult>>(call, new RerankOperation(router, query, documents)).ConfigureAwait(false);
        }
        catch (NoProvidersAvailableException) when (embeds)
        {
            // A coarser order is better than none, and the route says itself that it embeds.
            return await ByVectorsAsync(query, documents, modelId, cancellationToken).ConfigureAwait(false);
        }

        return [.. scores.OrderByDescending(static s => s.Score).ThenBy(static s => s.Index)];
    }

    private async Task<IReadOnlyList<RerankResult>> ByVectorsAsync(string query, IReadOnlyList<string> documents, string? route, CancellationToken cancellationToken)
    {
        EmbeddingGenerationOptions? options = route is null ? null : new EmbeddingGenerationOptions { ModelId = route };
        GeneratedEmbeddings<Embedding<float>> vectors = await embeddings.GenerateAsync([query, .. documents], options, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<float> wanted = vectors[0].Vector;
        return [.. documents
            .Select((_, i) => new RerankResult(i, TensorPrimitives.CosineSimilarity(wanted.Span, vectors[i + 1].Vector.Span)))
            .OrderByDescending(static s => s.Score).ThenBy(static s => s.Index)];
    }
}
