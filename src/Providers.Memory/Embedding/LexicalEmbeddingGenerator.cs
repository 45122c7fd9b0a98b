using System.Numerics.Tensors;
using System.Text;
using Microsoft.Extensions.AI;

namespace Providers.Memory;

/// <summary>
/// Embeds texts by their spelling: words and character trigrams, hashed into a fixed number of dimensions (feature hashing, Weinberger et al., ICML 2009)
/// with sub-linear weights. It needs no model and no download, and a stored vector never changes its meaning. It knows nothing of meaning:
/// "car" and "automobile" are strangers to it, "run" and "running" are not.
/// </summary>
/// <remarks>Safe for concurrent use; the same text gives the same vector on every machine.</remarks>
public sealed class LexicalEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The model id, which is also the vector space: it names the recipe, so that a better one never mixes with this.</summary>
    public const string ModelId = "lexical-1";

    private const int Size = 1_024; // with fewer, two texts of a few words collide more than they agree
    private readonly EmbeddingGeneratorMetadata _metadata = new("providers.lexical", null, ModelId, Size);

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(static v => new Embedding<float>(Embed(v)) { ModelId = ModelId })));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    private static float[] Embed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Dictionary<string, (int Times, float Weight)> features = new(StringComparer.Ordinal);
        foreach (string word in Words.Of(text))
        {
            float weight = Math.Min(1, word.Length / 6f); // short words bind sentences more than they say
            Count(features, "w:" + word, weight);
            string edged = $"^{word}$";
            for (int i = 0; i + 3 <= edged.Length; i++)
            {
                Count(features, string.Concat("t:", edged.AsSpan(i, 3)), 0.4f * weight);
            }
        }

        float[] vector = new float[Size];
        foreach ((string feature, (int times, float weight)) in features)
        {
            ulong hash = Hash(feature);
            float value = weight * (1 + MathF.Log(times));
            vector[hash % Size] += (hash >> 63) == 0 ? value : -value;
        }

        float length = TensorPrimitives.Norm<float>(vector);
        if (length == 0)
        {
            vector[0] = 1; // a text without a letter still points somewhere
            return vector;
        }

        TensorPrimitives.Divide(vector, length, vector);
        return vector;
    }

    private static void Count(Dictionary<string, (int Times, float Weight)> features, string feature, float weight)
    {
        (int times, float most) = features.GetValueOrDefault(feature);
        features[feature] = (times + 1, Math.Max(most, weight));
    }

    // FNV-1a, 64 bits, then mixed (the finaliser of MurmurHash3): the same on every machine, unlike string.GetHashCode.
    private static ulong Hash(string feature)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (byte b in Encoding.UTF8.GetBytes(feature))
        {
            hash = (hash ^ b) * 1_099_511_628_211;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
