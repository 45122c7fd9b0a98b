using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors;

/// <summary>AVX-512.</summary>
internal readonly unsafe struct Kernels512 : IKernels
{
    public static int Bias(sbyte* query, int length) => Vnni.IsSupported ? Vnni.Bias(query, length) : 0;

    // .NET 10 does not expose AVX512_VNNI; without its VEX form bytes are widened to words first (vpmovsxbw, vpmaddwd).
    public static int DotInt8(sbyte* row, sbyte* query, int length, int bias)
    {
        if (Vnni.IsSupported)
        {
            return Vnni.Dot(row, query, length, bias);
        }

        if (!Avx512BW.IsSupported)
        {
            return Kernels128.DotInt8(row, query, length, bias);
        }

        Vector512<int> a = default, b = default;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            a += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row + i)), Avx512BW.ConvertToVector512Int16(Vector256.Load(query + i)));
            b += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row + i + 32)), Avx512BW.ConvertToVector512Int16(Vector256.Load(query + i + 32)));
        }

        if (i < length)
        {
            a += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row + i)), Avx512BW.ConvertToVector512Int16(Vector256.Load(query + i)));
        }

        return Vector512.Sum(a + b);
    }

    public static float Dot(float* x, float* y, int length)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            a = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), a);
            b = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 16), Vector512.Load(y + i + 16), b);
            c = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 32), Vector512.Load(y + i + 32), c);
            d = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 48), Vector512.Load(y + i + 48), d);
        }

        for (; i < length; i += 16)
        {
            a = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), a);
        }

        return Vector512.Sum((a + b) + (c + d));
    }

    // For bfloat16 256 bits are as fast or faster (benchmarks/results): widening to 512 costs what the wider sum saves.
    public static float DotBFloat16(float* x, ushort* y, int length) =>
        Avx2.IsSupported ? Kernels256.DotBFloat16(x, y, length) : Kernels128.DotBFloat16(x, y, length);

    public static float SquaredL2BFloat16(float* x, ushort* y, int length) =>
        Avx2.IsSupported ? Kernels256.SquaredL2BFloat16(x, y, length) : Kernels128.SquaredL2BFloat16(x, y, length);

    public static void Tile(float* queries, int queryStride, float* rows, int rowStride, int length, float* result)
    {
        float* q1 = queries + queryStride, q2 = q1 + queryStride, q3 = q2 + queryStride, r1 = rows + rowStride, r2 = r1 + rowStride;
        Vector512<float> a0 = default, a1 = default, a2 = default, b0 = default, b1 = default, b2 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, d0 = default, d1 = default, d2 = default;
        for (int i = 0; i < length; i += 16)
        {
            Vector512<float> x = Vector512.Load(rows + i), y = Vector512.Load(r1 + i), z = Vector512.Load(r2 + i);
            Vector512<float> q = Vector512.Load(queries + i);
            a0 = Vector512.FusedMultiplyAdd(q, x, a0);
            a1 = Vector512.FusedMultiplyAdd(q, y, a1);
            a2 = Vector512.FusedMultiplyAdd(q, z, a2);
            q = Vector512.Load(q1 + i);
            b0 = Vector512.FusedMultiplyAdd(q, x, b0);
            b1 = Vector512.FusedMultiplyAdd(q, y, b1);
            b2 = Vector512.FusedMultiplyAdd(q, z, b2);
            q = Vector512.Load(q2 + i);
            c0 = Vector512.FusedMultiplyAdd(q, x, c0);
            c1 = Vector512.FusedMultiplyAdd(q, y, c1);
            c2 = Vector512.FusedMultiplyAdd(q, z, c2);
            q = Vector512.Load(q3 + i);
            d0 = Vector512.FusedMultiplyAdd(q, x, d0);
            d1 = Vector512.FusedMultiplyAdd(q, y, d1);
            d2 = Vector512.FusedMultiplyAdd(q, z, d2);
        }

        (result[0], result[1], result[2]) = (Vector512.Sum(a0), Vector512.Sum(a1), Vector512.Sum(a2));
        (result[3], result[4], result[5]) = (Vector512.Sum(b0), Vector512.Sum(b1), Vector512.Sum(b2));
        (result[6], result[7], result[8]) = (Vector512.Sum(c0), Vector512.Sum(c1), Vector512.Sum(c2));
        (result[9], result[10], result[11]) = (Vector512.Sum(d0), Vector512.Sum(d1), Vector512.Sum(d2));
    }

    // Two groups of four dimensions at once, each with its own table in two of the four 128-bit lanes.
    public static void ScanBits(byte* block, byte* table, int groups, uint* sums)
    {
        if (!Avx512BW.IsSupported)
        {
            Kernels128.ScanBits(block, table, groups, sums);
            return;
        }

        new Span<uint>(sums, 64).Clear();
        Vector512<byte> low = Vector512.Create((byte)15);
        Vector512<long> twice = Vector512.Create(0L, 1, 0, 1, 2, 3, 2, 3);
        for (int start = 0; start < groups; start += 512)
        {
            Vector512<ushort> all0 = default, odd0 = default, all1 = default, odd1 = default;
            int end = Math.Min(groups, start + 512);
            for (int g = start; g < end; g += 2)
            {
                Vector512<byte> pairs = Vector512.Load(block + (g * 32));
                Vector512<byte> lut = Avx512F.PermuteVar8x64(Vector256.Load((long*)(table + (g * 16))).ToVector512Unsafe(), twice).AsByte();
                Vector512<ushort> first = Avx512BW.Shuffle(lut, pairs & low).AsUInt16();
                Vector512<ushort> second = Avx512BW.Shuffle(lut, (pairs.AsUInt16() >> 4).AsByte() & low).AsUInt16();
                all0 += first;
                odd0 += first >> 8;
                all1 += second;
                odd1 += second >> 8;
            }

            all0 -= odd0 << 8;
            all1 -= odd1 << 8;
            Kernels256.Spill(all0.GetLower(), odd0.GetLower(), sums);
            Kernels256.Spill(all0.GetUpper(), odd0.GetUpper(), sums);
            Kernels256.Spill(all1.GetLower(), odd1.GetLower(), sums + 32);
            Kernels256.Spill(all1.GetUpper(), odd1.GetUpper(), sums + 32);
        }
    }
}
