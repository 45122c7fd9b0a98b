using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Providers.Vectors.Benchmarks;

/// <summary>Rows and a query in every form, and one pass over them per kernel.</summary>
internal sealed unsafe class KernelWork : IDisposable
{
    private readonly int _d;
    private readonly int _rows;
    private readonly float* _query;
    private readonly float* _values;
    private readonly sbyte* _codes;
    private readonly ushort* _halves;
    private readonly byte* _bits;
    private readonly byte* _table;
    private readonly float[] _wide;

    public KernelWork(int d, int rows)
    {
        (_d, _rows, _wide) = (d, rows, new float[d]);
        var random = new Random(d);
        _query = (float*)NativeMemory.AlignedAlloc((nuint)(d * 16), 64);
        _values = (float*)NativeMemory.AlignedAlloc((nuint)(d * rows * 4), 64);
        _codes = (sbyte*)NativeMemory.AlignedAlloc((nuint)(d * (rows + 1)), 64);
        _halves = (ushort*)NativeMemory.AlignedAlloc((nuint)(d * rows * 2), 64);
        _bits = (byte*)NativeMemory.AlignedAlloc((nuint)(d * rows), 64);
        _table = (byte*)NativeMemory.AlignedAlloc((nuint)(d * 4), 64);
        for (int i = 0; i < d * rows; i++)
        {
            _values[i] = random.NextSingle() - 0.5f;
            _codes[i] = (sbyte)random.Next(-127, 128);
            _halves[i] = BitConverter.HalfToUInt16Bits((Half)_values[i]);
        }

        random.NextBytes(new Span<byte>(_bits, d * rows));
        random.NextBytes(new Span<byte>(_table, d * 4));
        new Span<float>(_values, d * 4).CopyTo(new Span<float>(_query, d * 4));
        new Span<sbyte>(_codes, d).CopyTo(new Span<sbyte>(_codes + (d * rows), d));
    }

    public double Sink { get; private set; }

    private sbyte* QueryCodes => _codes + (_d * _rows);

    public void Dot<TKernels>()
        where TKernels : struct, IKernels
    {
        for (int row = 0; row < _rows; row++)
        {
            Sink += TKernels.Dot(_query, _values + (row * _d), _d);
        }
    }

    public void DotPrimitives()
    {
        for (int row = 0; row < _rows; row++)
        {
            Sink += TensorPrimitives.Dot(new ReadOnlySpan<float>(_query, _d), new ReadOnlySpan<float>(_values + (row * _d), _d));
        }
    }

    public void Int8<TKernels>()
        where TKernels : struct, IKernels
    {
        int bias = TKernels.Bias(QueryCodes, _d);
        long sum = 0;
        for (int row = 0; row < _rows; row++)
        {
            sum += TKernels.DotInt8(_codes + (row * _d), QueryCodes, _d, bias);
        }

        Sink += sum;
    }

    public void Int8Primitives()
    {
        for (int row = 0; row < _rows; row++)
        {
            TensorPrimitives.ConvertTruncating(new ReadOnlySpan<sbyte>(_codes + (row * _d), _d), (Span<float>)_wide);
            Sink += TensorPrimitives.Dot(new ReadOnlySpan<float>(_query, _d), _wide);
        }
    }

    public void Brain<TKernels>()
        where TKernels : struct, IKernels
    {
        for (int row = 0; row < _rows; row++)
        {
            Sink += TKernels.DotBFloat16(_query, _halves + (row * _d), _d);
        }
    }

    public void BrainPrimitives()
    {
        for (int row = 0; row < _rows; row++)
        {
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(_halves + (row * _d), _d), _wide);
            Sink += TensorPrimitives.Dot(new ReadOnlySpan<float>(_query, _d), _wide);
        }
    }

    public void BrainL2<TKernels>()
        where TKernels : struct, IKernels
    {
        for (int row = 0; row < _rows; row++)
        {
            Sink += TKernels.SquaredL2BFloat16(_query, _halves + (row * _d), _d);
        }
    }

    public void BrainL2Primitives()
    {
        for (int row = 0; row < _rows; row++)
        {
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(_halves + (row * _d), _d), _wide);
            Sink += TensorPrimitives.Distance(new ReadOnlySpan<float>(_query, _d), _wide);
        }
    }

    public void Tile<TKernels>()
        where TKernels : struct, IKernels
    {
        float* result = stackalloc float[12];
        for (int row = 0; row < _rows; row += 3)
        {
            TKernels.Tile(_query, _d, _values + (row * _d), _d, _d, result);
            Sink += result[0] + result[11];
        }
    }

    public void TilePrimitives()
    {
        for (int row = 0; row < _rows; row++)
        {
            for (int q = 0; q < 4; q++)
            {
                Sink += TensorPrimitives.Dot(new ReadOnlySpan<float>(_query + (q * _d), _d), new ReadOnlySpan<float>(_values + (row * _d), _d));
            }
        }
    }

    public void Bits<TKernels>()
        where TKernels : struct, IKernels
    {
        uint* sums = stackalloc uint[64];
        for (int row = 0; row < _rows; row += 64)
        {
            TKernels.ScanBits(_bits + (row * _d / 8), _table, _d / 4, sums);
            Sink += sums[0];
        }
    }

    public void BitsPrimitives()
    {
        for (int row = 0; row < _rows; row++)
        {
            Sink += TensorPrimitives.HammingBitDistance(new ReadOnlySpan<ulong>(_bits, _d / 64), new ReadOnlySpan<ulong>(_bits + (row * _d / 8), _d / 64));
        }
    }

    public void Dispose()
    {
        foreach (nint memory in (nint[])[(nint)_query, (nint)_values, (nint)_codes, (nint)_halves, (nint)_bits, (nint)_table])
        {
            NativeMemory.AlignedFree((void*)memory);
        }
    }
}
