using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Providers.Vectors.Benchmarks;

/// <summary>The fastest sequential read this process can do: sums on huge pages, four accumulators.</summary>
internal sealed unsafe class Bandwidth(long bytes)
{
    private readonly HugeBlock _block = Touched(bytes);

    public float Sink { get; private set; }

    /// <summary>Reads everything once.</summary>
    public void Read()
    {
        float* at = (float*)_block.Pointer;
        long count = _block.Length / sizeof(float) / 64 * 64;
        Sink += Vector512.IsHardwareAccelerated ? Sum512(at, count) : Sum256(at, count);
        GC.KeepAlive(_block);
    }

    /// <summary>TensorPrimitives.Dot over the same memory as rows, without anything else.</summary>
    public void Dots(ReadOnlySpan<float> query)
    {
        float* at = (float*)_block.Pointer;
        float most = 0;
        for (long row = 0; row < _block.Length / sizeof(float) / query.Length; row++)
        {
            most = Math.Max(most, TensorPrimitives.Dot(query, new ReadOnlySpan<float>(at + (row * query.Length), query.Length)));
        }

        Sink += most;
        GC.KeepAlive(_block);
    }

    private static float Sum512(float* at, long count)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        for (long i = 0; i < count; i += 64)
        {
            a += Vector512.Load(at + i);
            b += Vector512.Load(at + i + 16);
            c += Vector512.Load(at + i + 32);
            d += Vector512.Load(at + i + 48);
        }

        return Vector512.Sum(a + b + c + d);
    }

    private static float Sum256(float* at, long count)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        for (long i = 0; i < count; i += 32)
        {
            a += Vector256.Load(at + i);
            b += Vector256.Load(at + i + 8);
            c += Vector256.Load(at + i + 16);
            d += Vector256.Load(at + i + 24);
        }

        return Vector256.Sum(a + b + c + d);
    }

    private static HugeBlock Touched(long bytes)
    {
        var block = new HugeBlock(bytes);
        for (long i = 0; i < bytes; i += 1 << 20)
        {
            new Span<byte>(block.Pointer + i, (int)Math.Min(1 << 20, bytes - i)).Fill(1);
        }

        return block;
    }
}
