using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors;

/// <summary>AVX-512 where wider registers help; the look-up scan stays on AVX2, whose blocks are 32 bytes wide.</summary>
internal readonly unsafe struct Kernels512 : IKernels
{
    // .NET 10 does not expose AVX512_VNNI, so bytes are widened to words first (vpmovsxbw, vpmaddwd).
    public static int DotInt8(sbyte* x, sbyte* y, int length)
    {
        if (!Avx512BW.IsSupported)
        {
            return Kernels128.DotInt8(x, y, length);
        }

        Vector512<int> a = default;
        for (int i = 0; i < length; i += 32)
        {
            a += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(x + i)), Avx512BW.ConvertToVector512Int16(Vector256.Load(y + i)));
        }

        return Vector512.Sum(a);
    }

    public static float DotBFloat16(float* x, ushort* y, int length)
    {
        Vector512<float> a = default;
        for (int i = 0; i < length; i += 16)
        {
            a = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Widen(y + i), a);
        }

        return Vector512.Sum(a);
    }

    public static float SquaredL2BFloat16(float* x, ushort* y, int length)
    {
        Vector512<float> a = default;
        for (int i = 0; i < length; i += 16)
        {
            Vector512<float> d = Vector512.Load(x + i) - Widen(y + i);
            a = Vector512.FusedMultiplyAdd(d, d, a);
        }

        return Vector512.Sum(a);
    }

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

    public static void ScanBits(byte* block, byte* table, int groups, uint* sums)
    {
        if (Avx2.IsSupported)
        {
            Kernels256.ScanBits(block, table, groups, sums);
        }
        else
        {
            Kernels128.ScanBits(block, table, groups, sums);
        }
    }

    private static Vector512<float> Widen(ushort* y) =>
        (Vector512.Create(Vector256.WidenLower(Vector256.Load(y)), Vector256.WidenUpper(Vector256.Load(y))) << 16).AsSingle();
}
