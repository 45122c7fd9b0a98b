using System.Numerics.Tensors;

namespace Providers.Vectors;

/// <summary>Symmetric 8-bit codes with one scale per vector, so that small components of unit vectors use the whole range.</summary>
internal static class Int8Quantizer
{
    /// <summary>Fills <paramref name="codes"/> (its tail with zeros) and returns the scale: value ≈ code * scale.</summary>
    public static float Encode(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        float scale = Math.Abs(TensorPrimitives.MaxMagnitude(vector)) / 127f;
        codes[vector.Length..].Clear();
        if (scale == 0 || !float.IsNormal(1 / scale))
        {
            codes.Clear();
            return 0;
        }

        float inverse = 1 / scale;
        for (int i = 0; i < vector.Length; i++)
        {
            codes[i] = (sbyte)Math.Clamp((int)MathF.Round(vector[i] * inverse), -127, 127);
        }

        return scale;
    }
}
