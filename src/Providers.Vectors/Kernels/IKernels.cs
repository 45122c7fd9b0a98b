namespace Providers.Vectors;

/// <summary>The inner loops that TensorPrimitives does not have, or has slower. One struct per instruction path; the JIT folds the choice away.</summary>
internal unsafe interface IKernels
{
    /// <summary>Integer dot product; <paramref name="length"/> is a multiple of 32, no code is -128, <paramref name="bias"/> is the query's.</summary>
    static abstract int DotInt8(sbyte* row, sbyte* query, int length, int bias);

    /// <summary>What <see cref="DotInt8"/> wants to know about a query beforehand.</summary>
    static abstract int Bias(sbyte* query, int length);

    /// <summary>Dot product of float32; <paramref name="length"/> is a multiple of 16.</summary>
    static abstract float Dot(float* x, float* y, int length);

    /// <summary>Dot product of float32 with bfloat16; <paramref name="length"/> is a multiple of 16.</summary>
    static abstract float DotBFloat16(float* x, ushort* y, int length);

    /// <summary>Squared distance of float32 and bfloat16; <paramref name="length"/> is a multiple of 16.</summary>
    static abstract float SquaredL2BFloat16(float* x, ushort* y, int length);

    /// <summary>The twelve dot products of four queries and three rows, query-major; <paramref name="length"/> is a multiple of 16.</summary>
    static abstract void Tile(float* queries, int queryStride, float* rows, int rowStride, int length, float* result);

    /// <summary>Sums one 64-row block of 4-bit groups (an even number of them) through a table of 16 bytes per group into 64 totals.</summary>
    static abstract void ScanBits(byte* block, byte* table, int groups, uint* sums);
}
