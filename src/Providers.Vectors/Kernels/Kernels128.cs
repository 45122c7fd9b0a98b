using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Providers.Vectors;

/// <summary>SSE and Arm AdvSimd through the portable 128-bit API.</summary>
internal readonly unsafe struct Kernels128 : IKernels
{
    public static int Bias(sbyte* query, int length) => 0;

    public static int DotInt8(sbyte* row, sbyte* query, int length, int bias)
    {
        Vector128<int> sum = default;
        for (int i = 0; i < length; i += 16)
        {
            Vector128<sbyte> a = Vector128.Load(row + i), b = Vector128.Load(query + i);
            // A product of two codes fits 16 bits; a pair of them too (2 * 127 * 127 < 32768).
            Vector128<short> pairs = (Vector128.WidenLower(a) * Vector128.WidenLower(b)) + (Vector128.WidenUpper(a) * Vector128.WidenUpper(b));
            sum += Vector128.WidenLower(pairs) + Vector128.WidenUpper(pairs);
        }

        return Vector128.Sum(sum);
    }

    public static float Dot(float* x, float* y, int length) =>
        TensorPrimitives.Dot(new ReadOnlySpan<float>(x, length), new ReadOnlySpan<float>(y, length));

    public static float DotBFloat16(float* x, ushort* y, int length)
    {
        Vector128<float> a = default, b = default;
        for (int i = 0; i < length; i += 8)
        {
            Vector128<ushort> row = Vector128.Load(y + i);
            a += Vector128.Load(x + i) * (Vector128.WidenLower(row) << 16).AsSingle();
            b += Vector128.Load(x + i + 4) * (Vector128.WidenUpper(row) << 16).AsSingle();
        }

        return Vector128.Sum(a + b);
    }

    public static float SquaredL2BFloat16(float* x, ushort* y, int length)
    {
        Vector128<float> a = default, b = default;
        for (int i = 0; i < length; i += 8)
        {
            Vector128<ushort> row = Vector128.Load(y + i);
            Vector128<float> d0 = Vector128.Load(x + i) - (Vector128.WidenLower(row) << 16).AsSingle();
            Vector128<float> d1 = Vector128.Load(x + i + 4) - (Vector128.WidenUpper(row) << 16).AsSingle();
            a += d0 * d0;
            b += d1 * d1;
        }

        return Vector128.Sum(a + b);
    }

    public static void Tile(float* queries, int queryStride, float* rows, int rowStride, int length, float* result)
    {
        for (int i = 0; i < 12; i++)
        {
            result[i] = Dot(queries + (i / 3 * queryStride), rows + (i % 3 * rowStride), length);
        }
    }

    public static void ScanBits(byte* block, byte* table, int groups, uint* sums)
    {
        new Span<uint>(sums, 64).Clear();
        for (int start = 0; start < groups; start += 256)
        {
            int end = Math.Min(groups, start + 256);
            for (int half = 0; half < 2; half++)
            {
                Vector128<ushort> even0 = default, odd0 = default, even1 = default, odd1 = default;
                for (int g = start; g < end; g++)
                {
                    Vector128<byte> lut = Vector128.Load(table + (g * 16)), pairs = Vector128.Load(block + (g * 32) + (half * 16));
                    Vector128<ushort> first = Vector128.ShuffleNative(lut, pairs & Vector128.Create((byte)15)).AsUInt16();
                    Vector128<ushort> second = Vector128.ShuffleNative(lut, pairs >> 4).AsUInt16();
                    even0 += first & Vector128.Create((ushort)255);
                    odd0 += first >> 8;
                    even1 += second & Vector128.Create((ushort)255);
                    odd1 += second >> 8;
                }

                for (int i = 0; i < 8; i++)
                {
                    uint* to = sums + (half * 16) + (2 * i);
                    to[0] += even0[i];
                    to[1] += odd0[i];
                    to[32] += even1[i];
                    to[33] += odd1[i];
                }
            }
        }
    }
}
