using Microsoft.Extensions.AI;

namespace Providers;

/// <summary>The keys under which an answer says who served it, and how to read them.</summary>
public static class ResponseAnnotations
{
    /// <summary>The provider's name, a <see cref="string"/>.</summary>
    public const string Provider = "providers.provider";

    /// <summary>The model's id, a <see cref="string"/>; missing when the provider's default served.</summary>
    public const string Model = "providers.model";

    /// <summary>The number of attempts the request took, an <see cref="int"/> of at least 1.</summary>
    public const string Attempts = "providers.attempts";

    /// <summary>What became of each target, an <see cref="IReadOnlyList{T}"/> of <see cref="TargetOutcome"/>; only when the first attempt did not serve.</summary>
    public const string Trail = "providers.trail";

    /// <summary>Marks the update at which another target went on with a broken stream; its value is that provider's name.</summary>
    public const string Seam = "providers.seam";

    /// <summary>The number of embeddings of an answer that came from the cache, an <see cref="int"/>; missing when none did.</summary>
    public const string Cached = "providers.cached";

    /// <summary>The vector space of embeddings, a <see cref="string"/>: the declared one, else the model's id; missing when nobody knows it.</summary>
    public const string VectorSpace = "providers.vector_space";

    /// <summary>Says which vector space embeddings are in. Only vectors of one space may be compared.</summary>
    /// <param name="embeddings">The embeddings.</param>
    /// <returns>The space, the same whether they were made or kept, and by whom; <see langword="null"/> when no composite was involved or it does not know.</returns>
    public static string? GetVectorSpace(this GeneratedEmbeddings<Embedding<float>> embeddings)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        return embeddings.AdditionalProperties?.TryGetValue(VectorSpace, out object? space) is true ? space as string : null;
    }

    /// <summary>Says who served an answer.</summary>
    /// <param name="response">The answer; one put together from a stream carries its annotation in the message.</param>
    /// <returns>The provider's name; <see langword="null"/> when no composite was involved.</returns>
    public static string? GetProvider(this ChatResponse response) => Find(response, Provider) as string;

    /// <summary>Says how many attempts an answer took.</summary>
    /// <param name="response">The answer; one put together from a stream carries its annotation in the message.</param>
    /// <returns>At least 1; 0 when no composite was involved.</returns>
    public static int GetAttempts(this ChatResponse response) => Find(response, Attempts) is int count ? count : 0;

    private static object? Find(ChatResponse response, string key)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (response.AdditionalProperties?.TryGetValue(key, out object? value) is true)
        {
            return value;
        }

        foreach (ChatMessage message in response.Messages)
        {
            if (message.AdditionalProperties?.TryGetValue(key, out value) is true)
            {
                return value;
            }
        }

        return null;
    }
}
