using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors;

/// <summary>AVX2.</summary>
internal readonly unsafe struct Kernels256 : IKernels
{
    public static int Bias(sbyte* query, int length) => Vnni.IsSupported ? Vnni.Bias(query, length) : 0;

    // |x| * sign(y, x): vpmaddubsw wants one unsigned side; codes within ±127 cannot saturate a pair (2 * 127 * 127 < 32768).
    public static int DotInt8(sbyte* row, sbyte* query, int length, int bias)
    {
        if (Vnni.IsSupported)
        {
            return Vnni.Dot(row, query, length, bias);
        }

        Vector256<short> ones = Vector256<short>.One;
        Vector256<int> a = default, b = default;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            Vector256<sbyte> x0 = Vector256.Load(row + i), x1 = Vector256.Load(row + i + 32);
            a += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Avx2.Abs(x0), Avx2.Sign(Vector256.Load(query + i), x0)), ones);
            b += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Avx2.Abs(x1), Avx2.Sign(Vector256.Load(query + i + 32), x1)), ones);
        }

        if (i < length)
        {
            Vector256<sbyte> x0 = Vector256.Load(row + i);
            a += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Avx2.Abs(x0), Avx2.Sign(Vector256.Load(query + i), x0)), ones);
        }

        return Vector256.Sum(a + b);
    }

    public static float Dot(float* x, float* y, int length) => Kernels128.Dot(x, y, length);

    public static float DotBFloat16(float* x, ushort* y, int length)
    {
        Vector256<float> a = default, b = default;
        for (int i = 0; i < length; i += 16)
        {
            a = Vector256.FusedMultiplyAdd(Vector256.Load(x + i), Widen(y + i), a);
            b = Vector256.FusedMultiplyAdd(Vector256.Load(x + i + 8), Widen(y + i + 8), b);
        }

        return Vector256.Sum(a + b);
    }

    public static float SquaredL2BFloat16(float* x, ushort* y, int length)
    {
        Vector256<float> a = default, b = default;
        for (int i = 0; i < length; i += 16)
        {
            Vector256<float> d0 = Vector256.Load(x + i) - Widen(y + i), d1 = Vector256.Load(x + i + 8) - Widen(y + i + 8);
            a = Vector256.FusedMultiplyAdd(d0, d0, a);
            b = Vector256.FusedMultiplyAdd(d1, d1, b);
        }

        return Vector256.Sum(a + b);
    }

    // 12 accumulators + 1 row + 1 query of 16 registers: bound by the two FMA ports, not by loads.
    public static void Tile(float* queries, int queryStride, float* rows, int rowStride, int length, float* result)
    {
        float* q1 = queries + queryStride, q2 = q1 + queryStride, q3 = q2 + queryStride, r1 = rows + rowStride, r2 = r1 + rowStride;
        Vector256<float> a0 = default, a1 = default, a2 = default, b0 = default, b1 = default, b2 = default;
        Vector256<float> c0 = default, c1 = default, c2 = default, d0 = default, d1 = default, d2 = default;
        for (int i = 0; i < length; i += 8)
        {
            Vector256<float> x = Vector256.Load(rows + i), y = Vector256.Load(r1 + i), z = Vector256.Load(r2 + i);
            Vector256<float> q = Vector256.Load(queries + i);
            a0 = Vector256.FusedMultiplyAdd(q, x, a0);
            a1 = Vector256.FusedMultiplyAdd(q, y, a1);
            a2 = Vector256.FusedMultiplyAdd(q, z, a2);
            q = Vector256.Load(q1 + i);
            b0 = Vector256.FusedMultiplyAdd(q, x, b0);
            b1 = Vector256.FusedMultiplyAdd(q, y, b1);
            b2 = Vector256.FusedMultiplyAdd(q, z, b2);
            q = Vector256.Load(q2 + i);
            c0 = Vector256.FusedMultiplyAdd(q, x, c0);
            c1 = Vector256.FusedMultiplyAdd(q, y, c1);
            c2 = Vector256.FusedMultiplyAdd(q, z, c2);
            q = Vector256.Load(q3 + i);
            d0 = Vector256.FusedMultiplyAdd(q, x, d0);
            d1 = Vector256.FusedMultiplyAdd(q, y, d1);
            d2 = Vector256.FusedMultiplyAdd(q, z, d2);
        }

        (result[0], result[1], result[2]) = (Vector256.Sum(a0), Vector256.Sum(a1), Vector256.Sum(a2));
        (result[3], result[4], result[5]) = (Vector256.Sum(b0), Vector256.Sum(b1), Vector256.Sum(b2));
        (result[6], result[7], result[8]) = (Vector256.Sum(c0), Vector256.Sum(c1), Vector256.Sum(c2));
        (result[9], result[10], result[11]) = (Vector256.Sum(d0), Vector256.Sum(d1), Vector256.Sum(d2));
    }

    public static void ScanBits(byte* block, byte* table, int groups, uint* sums)
    {
        new Span<uint>(sums, 64).Clear();
        Vector256<byte> low = Vector256.Create((byte)15);
        // 256 tables of at most 255 fit 16 bits; then the totals move to 32.
        for (int start = 0; start < groups; start += 256)
        {
            Vector256<ushort> all0 = default, odd0 = default, all1 = default, odd1 = default;
            int end = Math.Min(groups, start + 256);
            for (int g = start; g < end; g++)
            {
                Vector256<byte> pairs = Vector256.Load(block + (g * 32));
                Vector256<byte> lut = Avx2.BroadcastVector128ToVector256(table + (g * 16));
                Vector256<ushort> first = Avx2.Shuffle(lut, pairs & low).AsUInt16();
                Vector256<ushort> second = Avx2.Shuffle(lut, (pairs.AsUInt16() >> 4).AsByte() & low).AsUInt16();
                // "all" holds even + 256 * odd modulo 65536; taking 256 * odd off afterwards saves a mask per group.
                all0 += first;
                odd0 += first >> 8;
                all1 += second;
                odd1 += second >> 8;
            }

            Spill(all0 - (odd0 << 8), odd0, sums);
            Spill(all1 - (odd1 << 8), odd1, sums + 32);
        }
    }

    // Interleaving puts even and odd rows back in order within each half of the register.
    public static void Spill(Vector256<ushort> even, Vector256<ushort> odd, uint* sums)
    {
        Vector256<ushort> low = Avx2.UnpackLow(even, odd), high = Avx2.UnpackHigh(even, odd);
        Add(low.GetLower(), sums);
        Add(high.GetLower(), sums + 8);
        Add(low.GetUpper(), sums + 16);
        Add(high.GetUpper(), sums + 24);
    }

    private static void Add(Vector128<ushort> values, uint* sums) =>
        (Vector256.Load(sums) + Avx2.ConvertToVector256Int32(values).AsUInt32()).Store(sums);

    private static Vector256<float> Widen(ushort* y) => (Avx2.ConvertToVector256Int32(y) << 16).AsSingle();
}
