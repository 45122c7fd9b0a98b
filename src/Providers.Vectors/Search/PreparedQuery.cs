using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Providers.Vectors;

/// <summary>A query in every form a search needs: padded float32, 8-bit codes, and (for 1-bit scans) its table.</summary>
internal unsafe ref struct PreparedQuery
{
    public float* Values;
    public sbyte* Codes;
    public byte* Table;
    public float Scale;
    public float Norm;
    public float Step;
    public float Offset;
    public int Bias;

    public static PreparedQuery Create<TKernels>(View view, ReadOnlySpan<float> query, Scratch scratch)
        where TKernels : struct, IKernels
    {
        RowLayout layout = view.Rows.Layout;
        int padded = BitQuantizer.Padded(layout.Dimensions);
        PreparedQuery prepared = default;
        byte* memory = scratch.Reserve((4L * layout.Stride) + layout.CodeStride + (4L * padded) + (4L * padded) + 256);
        prepared.Values = (float*)memory;
        var values = new Span<float>(memory, layout.Stride);
        query.CopyTo(values);
        values[query.Length..].Clear();
        memory += 4L * layout.Stride;
        prepared.Norm = TensorPrimitives.SumOfSquares(query);
        if (view.Stage is not IndexStage.Exact)
        {
            prepared.Codes = (sbyte*)memory;
            prepared.Scale = Int8Quantizer.Encode(query, new Span<sbyte>(memory, layout.CodeStride));
            prepared.Bias = TKernels.Bias(prepared.Codes, layout.CodeStride);
        }

        if (view.Stage is IndexStage.Bits)
        {
            memory += layout.CodeStride;
            prepared.Table = memory;
            (prepared.Step, prepared.Offset) = view.Rows.BitCodes.Table(
                query, new Span<byte>(memory, 4 * padded), new Span<float>(memory + (4L * padded), padded));
        }

        return prepared;
    }

    /// <summary>The exact distance to a stored vector: smaller is nearer; minus the dot product unless the metric is L2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Exact<TKernels>(RowLayout layout, Chunk chunk, int offset)
        where TKernels : struct, IKernels
    {
        long start = (long)offset * layout.Stride;
        if (layout.Brain)
        {
            ushort* row = (ushort*)chunk.Vectors + start;
            return layout.Metric is VectorMetric.SquaredL2
                ? TKernels.SquaredL2BFloat16(Values, row, layout.Stride)
                : -TKernels.DotBFloat16(Values, row, layout.Stride);
        }

        float* values = (float*)chunk.Vectors + start;
        if (layout.Metric is VectorMetric.SquaredL2)
        {
            float distance = TensorPrimitives.Distance(new ReadOnlySpan<float>(Values, layout.Dimensions), new ReadOnlySpan<float>(values, layout.Dimensions));
            return distance * distance;
        }

        return -TKernels.Dot(Values, values, layout.Stride);
    }

    /// <summary>The distance estimated from 8-bit codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Coded<TKernels>(RowLayout layout, Chunk chunk, int offset)
        where TKernels : struct, IKernels
    {
        float dot = TKernels.DotInt8(chunk.Codes + ((long)offset * layout.CodeStride), Codes, layout.CodeStride, Bias) * Scale * chunk.Scales[offset];
        return layout.Metric is VectorMetric.SquaredL2 ? Norm + chunk.Norms[offset] - (2 * dot) : -dot;
    }
}
