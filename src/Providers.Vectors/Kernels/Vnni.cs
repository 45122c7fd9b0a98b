using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors;

/// <summary>
/// The VEX-coded dot product of bytes (AVX-VNNI). It wants one unsigned side: rows are read with their top bit flipped, which adds
/// 128 to each code, and 128 times the sum of the other side is taken off again.
/// </summary>
internal static unsafe class Vnni
{
    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AvxVnni.IsSupported;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(sbyte* row, sbyte* query, int length, int bias)
    {
        Vector256<byte> flip = Vector256.Create((byte)0x80);
        Vector256<int> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i <= length - 128; i += 128)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, Vector256.Load((byte*)row + i) ^ flip, Vector256.Load(query + i));
            b = AvxVnni.MultiplyWideningAndAdd(b, Vector256.Load((byte*)row + i + 32) ^ flip, Vector256.Load(query + i + 32));
            c = AvxVnni.MultiplyWideningAndAdd(c, Vector256.Load((byte*)row + i + 64) ^ flip, Vector256.Load(query + i + 64));
            d = AvxVnni.MultiplyWideningAndAdd(d, Vector256.Load((byte*)row + i + 96) ^ flip, Vector256.Load(query + i + 96));
        }

        for (; i < length; i += 32)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, Vector256.Load((byte*)row + i) ^ flip, Vector256.Load(query + i));
        }

        return Vector256.Sum((a + b) + (c + d)) - bias;
    }

    /// <summary>128 times the sum of the codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bias(sbyte* query, int length)
    {
        Vector256<byte> weight = Vector256.Create((byte)0x80);
        Vector256<int> a = default, b = default;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, weight, Vector256.Load(query + i));
            b = AvxVnni.MultiplyWideningAndAdd(b, weight, Vector256.Load(query + i + 32));
        }

        if (i < length)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, weight, Vector256.Load(query + i));
        }

        return Vector256.Sum(a + b);
    }
}
