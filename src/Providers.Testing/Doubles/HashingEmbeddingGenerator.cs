using Microsoft.Extensions.AI;
using Providers.Testing.Answers;

namespace Providers.Testing;

/// <summary>
/// Embeds by hashing words: deterministic on every machine, unit length, texts that share words lie nearer. Two generators of equal
/// dimension and space are interchangeable; others are not. Safe for concurrent use.
/// </summary>
public sealed class HashingEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Creates a generator.</summary>
    /// <param name="dimensions">The length of the vectors, at least 1.</param>
    /// <param name="space">Chooses the vector space.</param>
    /// <param name="modelId">The model's id in answers.</param>
    public HashingEmbeddingGenerator(int dimensions = 16, int space = 0, string modelId = "hashing")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        Dimensions = dimensions;
        Space = space;
        ModelId = modelId;
    }

    /// <summary>Gets the length of the vectors.</summary>
    public int Dimensions { get; }

    /// <summary>Gets the vector space.</summary>
    public int Space { get; }

    /// <summary>Gets the model's id in answers.</summary>
    public string ModelId { get; }

    /// <summary>Embeds one text.</summary>
    /// <param name="text">The text; the empty one has a vector too.</param>
    /// <returns>A vector of unit length.</returns>
    public float[] Embed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return HashingVectors.Of(text, Dimensions, Space);
    }

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        cancellationToken.ThrowIfCancellationRequested();
        string[] texts = [.. values];
        return Task.FromResult(Wrap([.. texts.Select(Embed)], texts.Length));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("hashing", null, ModelId, Dimensions)
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    internal GeneratedEmbeddings<Embedding<float>> Wrap(IEnumerable<float[]> vectors, int inputs) =>
        new(vectors.Select(v => new Embedding<float>(v) { ModelId = ModelId }))
        {
            Usage = new UsageDetails { InputTokenCount = inputs * 2, TotalTokenCount = inputs * 2 },
        };
}
