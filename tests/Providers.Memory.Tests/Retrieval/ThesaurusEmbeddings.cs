using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Providers.Memory.Tests;

/// <summary>
/// Stands in for an embedding model where there is none: words of one concept point the same way, rare names are blurred into few directions, and every
/// text is off by some noise. It is what models are like in the two ways that matter here: they know what means the same, and confuse names.
/// </summary>
internal sealed class ThesaurusEmbeddings(double noise) : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int Size = 192, Blurred = 40;

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(v => new Embedding<float>(Embed(v)) { ModelId = "thesaurus" })));

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private float[] Embed(string text)
    {
        float[] sum = Direction(Hash(text), noise); // the same text is off in the same way
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            (int seed, double weight) = Thesaurus.ConceptOf.TryGetValue(word, out int concept) ? (concept + 1_000_000, 1.0) : ((Hash(word) % Blurred) + 2_000_000, 0.3);
            TensorPrimitives.Add(sum, Direction(seed, weight), sum);
        }

        TensorPrimitives.Divide(sum, TensorPrimitives.Norm<float>(sum), sum);
        return sum;
    }

    private static float[] Direction(int seed, double length)
    {
        Random random = new(seed);
        float[] vector = new float[Size];
        for (int i = 0; i < Size; i++)
        {
            vector[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * length * 2 / Math.Sqrt(Size));
        }

        return vector;
    }

    private static int Hash(string text)
    {
        uint hash = 2_166_136_261;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 16_777_619;
        }

        return (int)(hash & 0x3FFF_FFFF);
    }
}
