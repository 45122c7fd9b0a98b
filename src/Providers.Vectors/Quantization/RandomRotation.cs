using System.Numerics;
using System.Numerics.Tensors;

namespace Providers.Vectors;

/// <summary>
/// A seeded orthogonal rotation of any length in O(d log d): sign flips and fast Hadamard transforms over the first and the last
/// power-of-two window in turn, as in the Kac walk of the RaBitQ library.
/// </summary>
internal sealed class RandomRotation
{
    private const int Rounds = 4;
    private readonly float[] _signs;
    private readonly int _length;
    private readonly int _window;

    public RandomRotation(int length, int seed)
    {
        var random = new Random(seed);
        _length = length;
        _window = (int)BitOperations.RoundUpToPowerOf2((uint)length + 1) / 2;
        _signs = new float[length * Rounds];
        for (int i = 0; i < _signs.Length; i++)
        {
            _signs[i] = random.Next(2) == 0 ? -1 : 1;
        }
    }

    public void Apply(Span<float> vector)
    {
        for (int round = 0; round < Rounds; round++)
        {
            TensorPrimitives.Multiply(vector, _signs.AsSpan(round * _length, _length), vector);
            Hadamard(round % 2 == 0 ? vector[.._window] : vector[^_window..]);
        }
    }

    private static void Hadamard(Span<float> values)
    {
        for (int half = 1; half < values.Length; half *= 2)
        {
            for (int start = 0; start < values.Length; start += 2 * half)
            {
                Span<float> left = values.Slice(start, half), right = values.Slice(start + half, half);
                int i = 0;
                for (; i <= half - Vector<float>.Count; i += Vector<float>.Count)
                {
                    Vector<float> a = new(left[i..]), b = new(right[i..]);
                    (a + b).CopyTo(left[i..]);
                    (a - b).CopyTo(right[i..]);
                }

                for (; i < half; i++)
                {
                    (left[i], right[i]) = (left[i] + right[i], left[i] - right[i]);
                }
            }
        }

        TensorPrimitives.Multiply(values, 1 / MathF.Sqrt(values.Length), values);
    }
}
