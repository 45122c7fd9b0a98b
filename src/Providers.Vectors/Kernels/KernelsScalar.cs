namespace Providers.Vectors;

/// <summary>The oracle: no vector instruction at all.</summary>
internal readonly unsafe struct KernelsScalar : IKernels
{
    public static int DotInt8(sbyte* row, sbyte* query, int length, int bias)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += row[i] * query[i];
        }

        return sum;
    }

    public static int Bias(sbyte* query, int length) => 0;

    public static float Dot(float* x, float* y, int length)
    {
        float sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    public static float DotBFloat16(float* x, ushort* y, int length)
    {
        float sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += x[i] * BFloat16.ToSingle(y[i]);
        }

        return sum;
    }

    public static float SquaredL2BFloat16(float* x, ushort* y, int length)
    {
        float sum = 0;
        for (int i = 0; i < length; i++)
        {
            float d = x[i] - BFloat16.ToSingle(y[i]);
            sum += d * d;
        }

        return sum;
    }

    public static void Tile(float* queries, int queryStride, float* rows, int rowStride, int length, float* result)
    {
        for (int q = 0; q < 4; q++)
        {
            for (int r = 0; r < 3; r++)
            {
                float sum = 0;
                for (int i = 0; i < length; i++)
                {
                    sum += queries[(q * queryStride) + i] * rows[(r * rowStride) + i];
                }

                result[(q * 3) + r] = sum;
            }
        }
    }

    public static void ScanBits(byte* block, byte* table, int groups, uint* sums)
    {
        new Span<uint>(sums, 64).Clear();
        for (int g = 0; g < groups; g++)
        {
            for (int i = 0; i < 32; i++)
            {
                byte pair = block[(g * 32) + i];
                sums[i] += table[(g * 16) + (pair & 15)];
                sums[i + 32] += table[(g * 16) + (pair >> 4)];
            }
        }
    }
}
