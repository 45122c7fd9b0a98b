using System.Numerics;
using System.Numerics.Tensors;

namespace Providers.Vectors;

/// <summary>
/// 1-bit RaBitQ (Gao and Long, SIGMOD 2024) without a centroid: the signs of the rotated vector, and a factor that makes
/// factor * Σ ±query an unbiased estimate of the inner product. Queries become one table of 16 bytes per four dimensions.
/// </summary>
internal sealed class BitQuantizer(int dimensions, int seed)
{
    private readonly RandomRotation _rotation = new(Padded(dimensions), seed);

    /// <summary>Gets how many 4-bit groups a code has.</summary>
    public int Groups { get; } = Padded(dimensions) / 4;

    public static int Padded(int dimensions) => (dimensions + 7) & ~7;

    /// <summary>Puts the code of row <paramref name="lane"/> (0 to 63) into its block and returns the factor.</summary>
    public unsafe float Encode(ReadOnlySpan<float> vector, byte* block, int lane, Span<float> scratch)
    {
        Span<float> rotated = Rotate(vector, scratch);
        float sum = TensorPrimitives.SumOfMagnitudes<float>(rotated);
        int shift = lane < 32 ? 0 : 4;
        byte* to = block + (lane & 31);
        for (int g = 0; g < Groups; g++)
        {
            int bits = 0;
            for (int i = 0; i < 4; i++)
            {
                bits |= rotated[(4 * g) + i] >= 0 ? 1 << i : 0;
            }

            // Readers of the other nibble see the same value before and after.
            to[g * 32] = (byte)((to[g * 32] & (0xF0 >> shift)) | (bits << shift));
        }

        return sum > 0 ? TensorPrimitives.SumOfSquares<float>(rotated) / sum : 0;
    }

    /// <summary>Copies the code of one row from its lane to another.</summary>
    public static unsafe void Copy(byte* from, int fromLane, byte* to, int lane, int groups)
    {
        int fromShift = fromLane < 32 ? 0 : 4, shift = lane < 32 ? 0 : 4;
        from += fromLane & 31;
        to += lane & 31;
        for (int g = 0; g < groups; g++)
        {
            to[g * 32] = (byte)((to[g * 32] & (0xF0 >> shift)) | ((from[g * 32] >> fromShift & 15) << shift));
        }
    }

    /// <summary>Fills the look-up table; Σ ±query ≈ step * Σ table + offset.</summary>
    public (float Step, float Offset) Table(ReadOnlySpan<float> query, Span<byte> table, Span<float> scratch)
    {
        Span<float> rotated = Rotate(query, scratch);
        float largest = 0;
        for (int g = 0; g < Groups; g++)
        {
            largest = Math.Max(largest, TensorPrimitives.SumOfMagnitudes<float>(rotated.Slice(4 * g, 4)));
        }

        float step = largest > 0 ? 2 * largest / 255 : 1;
        float inverse = 1 / step;
        Span<float> values = stackalloc float[16];
        for (int g = 0; g < Groups; g++)
        {
            ReadOnlySpan<float> q = rotated.Slice(4 * g, 4);
            values[0] = largest - q[0] - q[1] - q[2] - q[3];
            for (int code = 1; code < 16; code++)
            {
                values[code] = values[code & (code - 1)] + (2 * q[BitOperations.TrailingZeroCount(code)]);
            }

            for (int code = 0; code < 16; code++)
            {
                table[(16 * g) + code] = (byte)Math.Clamp((int)((values[code] * inverse) + 0.5f), 0, 255);
            }
        }

        return (step, -largest * Groups);
    }

    private Span<float> Rotate(ReadOnlySpan<float> vector, Span<float> scratch)
    {
        Span<float> rotated = scratch[..(4 * Groups)];
        rotated.Clear();
        vector.CopyTo(rotated);
        _rotation.Apply(rotated);
        return rotated;
    }
}
