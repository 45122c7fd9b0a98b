using Microsoft.Extensions.AI;
using Providers.Plans;

namespace Providers.Embeddings;

/// <summary>Joins batches in order, with their usage added up, puts kept vectors between made ones, and says which targets embed.</summary>
internal static class EmbeddingBatches
{
    /// <summary>Finds the first target that embeds and is not on trial; its space is the route's.</summary>
    public static TargetPlan? FirstOf(RoutePlan route) => Array.Find(route.Targets, static t => !t.IsCanary && Embeds(t));

    /// <summary>Finds the route of a request that names none: a default route that only chats does not keep texts from the first route that embeds.</summary>
    public static RoutePlan RouteOf(CompositePlan plan) =>
        FirstOf(plan.DefaultRoute) is null && plan.Routes.FirstOrDefault(static r => FirstOf(r) is not null) is { } embeds ? embeds : plan.DefaultRoute;

    /// <summary>Puts kept and made vectors together in the order of the texts.</summary>
    public static GeneratedEmbeddings<Embedding<float>> Merge(float[]?[] kept, GeneratedEmbeddings<Embedding<float>> made)
    {
        GeneratedEmbeddings<Embedding<float>> merged = new(kept.Length) { Usage = made.Usage, AdditionalProperties = made.AdditionalProperties };
        int next = 0;
        foreach (float[]? vector in kept)
        {
            merged.Add(vector is null ? made[next++] : new Embedding<float>(vector));
        }

        if (next < kept.Length)
        {
            (merged.AdditionalProperties ??= [])[ResponseAnnotations.Cached] = kept.Length - next;
        }

        return merged;
    }

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

    private static bool Embeds(TargetPlan target) =>
        target.Embeddings is not null
        && (target.Model is not { } model || model.Capabilities is ModelCapabilities.None || model.Capabilities.HasFlag(ModelCapabilities.Embeddings));
}
