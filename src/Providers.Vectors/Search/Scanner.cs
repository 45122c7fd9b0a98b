using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Providers.Vectors;

/// <summary>Searches without a graph: every row, or every row that passes.</summary>
internal static unsafe class Scanner<TKernels>
    where TKernels : struct, IKernels
{
    private const int Mask = RowLayout.ChunkRows - 1;

    /// <summary>Measures full vectors; leaves the best in <see cref="Scratch.Best"/>.</summary>
    public static void Exact(View view, ref PreparedQuery query, RowFilter? filter, Scratch scratch)
    {
        ref CandidatePool pool = ref scratch.Best;
        for (int start = 0; start < view.Count; start += RowLayout.ChunkRows)
        {
            Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
            int rows = Math.Min(RowLayout.ChunkRows, view.Count - start);
            if (filter is not null)
            {
                GatherExact(view, ref query, start, filter.List(start, rows, scratch.Offsets), scratch, ref pool);
                continue;
            }

            for (int i = 0; i < rows; i++)
            {
                float distance = query.Exact<TKernels>(view.Rows.Layout, chunk, i);
                if (distance < pool.Bound && chunk.IsLive(i, view.Version))
                {
                    pool.Add(distance, start + i);
                }
            }
        }
    }

    /// <summary>Estimates by codes; leaves the best in <see cref="Scratch.Pool"/>.</summary>
    public static void Codes(View view, ref PreparedQuery query, SearchPath path, RowFilter? filter, Scratch scratch)
    {
        bool bits = view.Stage is IndexStage.Bits;
        ref CandidatePool pool = ref scratch.Pool;
        if (path is SearchPath.Stream && bits)
        {
            Bits(view, ref query, filter, ref pool);
            return;
        }

        for (int start = 0; start < view.Count; start += RowLayout.ChunkRows)
        {
            int rows = Math.Min(RowLayout.ChunkRows, view.Count - start);
            if (path is SearchPath.Stream)
            {
                StreamCodes(view, ref query, start, rows, filter, ref pool);
                continue;
            }

            int count = filter!.List(start, rows, scratch.Offsets);
            if (bits)
            {
                GatherExact(view, ref query, start, count, scratch, ref pool);
            }
            else
            {
                GatherCodes(view, ref query, start, scratch.Offsets.AsSpan(0, count), ref pool);
            }
        }
    }

    private static void StreamCodes(View view, ref PreparedQuery query, int start, int rows, RowFilter? filter, ref CandidatePool pool)
    {
        Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
        for (int i = 0; i < rows; i++)
        {
            float distance = query.Coded<TKernels>(view.Rows.Layout, chunk, i);
            if (distance < pool.Bound && chunk.IsLive(i, view.Version) && (filter is null || filter.Passes(start + i)))
            {
                pool.Add(distance, start + i);
            }
        }
    }

    private static void GatherCodes(View view, ref PreparedQuery query, int start, ReadOnlySpan<int> offsets, ref CandidatePool pool)
    {
        const int Ahead = 4;
        RowLayout layout = view.Rows.Layout;
        Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
        for (int i = 0; i < offsets.Length; i++)
        {
            if (i + Ahead < offsets.Length)
            {
                Prefetch.Bytes(chunk.Codes + ((long)offsets[i + Ahead] * layout.CodeStride), layout.CodeStride);
            }

            float distance = query.Coded<TKernels>(layout, chunk, offsets[i]);
            if (distance < pool.Bound && chunk.IsLive(offsets[i], view.Version))
            {
                pool.Add(distance, start + offsets[i]);
            }
        }
    }

    private static void GatherExact(View view, ref PreparedQuery query, int start, int count, Scratch scratch, ref CandidatePool pool)
    {
        Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
        foreach (int offset in scratch.Offsets.AsSpan(0, count))
        {
            float distance = query.Exact<TKernels>(view.Rows.Layout, chunk, offset);
            if (distance < pool.Bound && chunk.IsLive(offset, view.Version))
            {
                pool.Add(distance, start + offset);
            }
        }
    }

    [SkipLocalsInit]
    private static void Bits(View view, ref PreparedQuery query, RowFilter? filter, ref CandidatePool pool)
    {
        RowLayout layout = view.Rows.Layout;
        int groups = view.Rows.BitCodes.Groups;
        bool squared = layout.Metric is VectorMetric.SquaredL2;
        uint* sums = stackalloc uint[64];
        Vector256<float> step = Vector256.Create(query.Step), offset = Vector256.Create(query.Offset), norm = Vector256.Create(query.Norm);
        for (int start = 0; start < view.Count; start += 64)
        {
            ulong passing = filter is null ? ulong.MaxValue : filter.Words[start >> 6];
            if (passing == 0)
            {
                continue;
            }

            Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
            int first = start & Mask;
            TKernels.ScanBits(chunk.Bits + ((long)(first >> 6) * layout.BitBlockBytes), query.Table, groups, sums);
            for (int lane = 0; lane < 64; lane += 8)
            {
                Vector256<float> dot = ((Vector256.ConvertToSingle(Vector256.Load((int*)sums + lane)) * step) + offset) * Vector256.Load(chunk.BitFactors + first + lane);
                Vector256<float> distance = squared ? norm + Vector256.Load(chunk.Norms + first + lane) - (dot + dot) : -dot;
                for (uint near = Vector256.LessThan(distance, Vector256.Create(pool.Bound)).ExtractMostSignificantBits(); near != 0; near &= near - 1)
                {
                    int i = lane + BitOperations.TrailingZeroCount(near);
                    if (start + i < view.Count && (passing >> i & 1) != 0 && chunk.IsLive(first + i, view.Version))
                    {
                        pool.Add(distance[i - lane], start + i);
                    }
                }
            }
        }
    }
}
