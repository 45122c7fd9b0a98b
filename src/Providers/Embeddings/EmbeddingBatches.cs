using Microsoft.Extensions.AI;
using Providers.Plans;

namespace Providers.Embeddings;

/// <summary>Joins batches in order, with their usage added up, and says which targets embed.</summary>
internal static class EmbeddingBatches
{
    public static bool Embeds(TargetPlan target) =>
        target.Embeddings is not null
        && (target.Model is not { } model || model.Capabilities is ModelCapabilities.None || model.Capabilities.HasFlag(ModelCapabilities.Embeddings));

    public static GeneratedEmbeddings<Embedding<float>> Join(GeneratedEmbeddings<Embedding<float>>[] batches)
    {
        GeneratedEmbeddings<Embedding<float>> joined = new(batches.Sum(static b => b.Count));
        foreach (GeneratedEmbeddings<Embedding<float>> batch in batches)
        {
            joined.AddRange(batch);
            if (batch.Usage is { } usage)
            {
                (joined.Usage ??= new UsageDetails()).Add(usage);
            }

            joined.AdditionalProperties ??= batch.AdditionalProperties;
        }

        return joined;
    }
}
