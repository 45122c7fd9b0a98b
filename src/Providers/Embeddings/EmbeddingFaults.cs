using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Providers.Plans;

namespace Providers.Embeddings;

/// <summary>Says what is wrong with embeddings: not every vector there, not of one length, not finite, or zero.</summary>
internal static class EmbeddingFaults
{
    /// <param name="target">Who made them; its declared length is expected where the caller asked for none.</param>
    /// <param name="texts">How many were sent.</param>
    /// <param name="dimensions">The length the caller asked for.</param>
    /// <param name="result">What came back.</param>
    /// <returns><see langword="null"/> when nothing is wrong.</returns>
    public static string? Find(TargetPlan target, int texts, int? dimensions, GeneratedEmbeddings<Embedding<float>> result)
    {
        if (result.Count != texts)
        {
            return $"{texts} texts were sent and {result.Count} vectors came back.";
        }

        int? expected = dimensions ?? target.Model?.EmbeddingDimensions;
        for (int i = 0; i < result.Count; i++)
        {
            ReadOnlySpan<float> vector = result[i].Vector.Span;
            int length = expected ??= vector.Length;
            if (vector.Length != length || length == 0)
            {
                return $"Vector {i} has {vector.Length} dimensions; {length} were expected.";
            }

            // One sum tells both: it is not finite when a number is not, and zero when all are.
            float norm = TensorPrimitives.SumOfSquares(vector);
            if (!float.IsFinite(norm))
            {
                return $"Vector {i} holds a number that is not finite.";
            }

            if (norm == 0)
            {
                return $"Vector {i} is all zeros.";
            }
        }

        return null;
    }
}
