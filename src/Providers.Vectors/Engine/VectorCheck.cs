using System.Numerics.Tensors;

namespace Providers.Vectors;

/// <summary>What is refused at the door, with what was expected and what came.</summary>
internal static class VectorCheck
{
    /// <summary>Copies a vector, scaled to length one for cosine.</summary>
    public static void Copy(ReadOnlySpan<float> vector, VectorMetric metric, Span<float> to, string name)
    {
        Check(vector, metric, name);
        Normalize(vector, metric, to);
    }

    /// <summary>Refuses what has no place in the index.</summary>
    public static void Check(ReadOnlySpan<float> vector, VectorMetric metric, string name)
    {
        // A sum over the magnitudes is finite exactly when every component is, unless it overflows: then look at each.
        float magnitudes = TensorPrimitives.SumOfMagnitudes(vector);
        if (!float.IsFinite(magnitudes))
        {
            for (int i = 0; i < vector.Length; i++)
            {
                if (!float.IsFinite(vector[i]))
                {
                    throw new ArgumentException($"Component {i} of the vector is {vector[i]}; expected a finite number.", name);
                }
            }
        }

        if (metric is VectorMetric.Cosine)
        {
            if (magnitudes == 0)
            {
                throw new ArgumentException("The vector is zero and has no direction; cosine needs at least one component that is not zero.", name);
            }
        }
        else if (!float.IsFinite(TensorPrimitives.SumOfSquares(vector)))
        {
            throw new ArgumentException("The squared length of the vector is beyond the range of float32; scale it down.", name);
        }
    }

    /// <summary>Copies a checked vector, scaled to length one for cosine.</summary>
    public static void Normalize(ReadOnlySpan<float> vector, VectorMetric metric, Span<float> to)
    {
        if (metric is not VectorMetric.Cosine)
        {
            vector.CopyTo(to);
            return;
        }

        // By the largest first, so that neither tiny nor huge vectors leave the range.
        TensorPrimitives.Divide(vector, Math.Abs(TensorPrimitives.MaxMagnitude(vector)), to);
        TensorPrimitives.Divide(to, TensorPrimitives.Norm<float>(to), to);
    }

    public static void Length(int got, int expected, string what, string name)
    {
        if (got != expected)
        {
            throw new ArgumentException($"{what} has {got} components; expected {expected}.", name);
        }
    }
}
