using Microsoft.Extensions.AI;

namespace Providers.Memory;

/// <summary>Embeds texts, many in one call, and says which space they are in.</summary>
internal sealed class Embedder(IEmbeddingGenerator<string, Embedding<float>> generator, string? spaceName)
{
    private string? _space;

    /// <summary>The space of the model, asked of it once.</summary>
    public async ValueTask<string> SpaceAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _space) ?? (await EmbedAsync(["space"], cancellationToken).ConfigureAwait(false)).Space;

    public async ValueTask<(string Space, IReadOnlyList<ReadOnlyMemory<float>> Vectors)> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts, null, cancellationToken).ConfigureAwait(false);
        if (embeddings.Count != texts.Count)
        {
            throw new InvalidOperationException($"The embedding generator gave {embeddings.Count} vectors for {texts.Count} texts; nothing was stored.");
        }

        string space = spaceName ?? embeddings.GetVectorSpace() ?? embeddings[0].ModelId ?? generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId ?? "default";
        foreach (Embedding<float> embedding in embeddings)
        {
            if (embedding.Vector.Length != embeddings[0].Vector.Length || embedding.Vector.IsEmpty)
            {
                throw new InvalidOperationException($"The embedding generator gave vectors of {embeddings[0].Vector.Length} and of {embedding.Vector.Length} dimensions in one answer; nothing was stored.");
            }

            if (embedding.Vector.Span.IndexOfNotFinite() is >= 0 and var at)
            {
                throw new InvalidOperationException($"The embedding generator gave {embedding.Vector.Span[at]} as component {at} of a vector; nothing was stored.");
            }
        }

        Volatile.Write(ref _space, space);
        return (space, [.. embeddings.Select(static e => e.Vector)]);
    }
}
