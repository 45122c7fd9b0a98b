using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors;

/// <summary>Asks for memory that will be read soon: a row at a random place costs a trip to memory otherwise.</summary>
internal static unsafe class Prefetch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Bytes(void* start, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < bytes; i += 64)
            {
                Sse.Prefetch0((byte*)start + i);
            }
        }
    }

    /// <summary>The 8-bit codes of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(Chunk[] chunks, RowLayout layout, int row) =>
        Bytes(chunks[row >> RowLayout.ChunkShift].Codes + ((long)(row & (RowLayout.ChunkRows - 1)) * layout.CodeStride), layout.CodeStride);

    /// <summary>The full vector of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Vector(Chunk[] chunks, RowLayout layout, int row)
    {
        int bytes = layout.BytesPerRow(Part.Vectors);
        Bytes(chunks[row >> RowLayout.ChunkShift].Vectors + ((long)(row & (RowLayout.ChunkRows - 1)) * bytes), bytes);
    }
}
