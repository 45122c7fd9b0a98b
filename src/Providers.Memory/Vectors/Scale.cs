using System.Numerics.Tensors;

namespace Providers.Memory;

/// <summary>Brings vectors of huge or tiny numbers into a range where their squares are neither infinite nor zero; a direction has no size.</summary>
internal static class Scale
{
    private const float Least = 1e-12f, Most = 1e12f;

    /// <summary>The vector, or one that points the same way.</summary>
    public static ReadOnlySpan<float> Tame(ReadOnlySpan<float> vector)
    {
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude(vector));
        if (largest is (>= Least and <= Most) or 0)
        {
            return vector;
        }

        float[] tame = new float[vector.Length];
        for (int i = 0; i < tame.Length; i++)
        {
            tame[i] = (float)((double)vector[i] / largest);
        }

        return tame;
    }
}
