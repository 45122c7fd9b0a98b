using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Providers.Vectors;

/// <summary>One search over one view. The kernel type is folded in, the view is immutable, nothing here takes a lock.</summary>
internal static unsafe class Searcher<TKernels>
    where TKernels : struct, IKernels
{
    private const int Mask = RowLayout.ChunkRows - 1;

    public static int Search(View view, ReadOnlySpan<float> vector, Span<VectorMatch> matches, SearchPlan plan)
    {
        Scratch scratch = Scratch.Current;
        PreparedQuery query = PreparedQuery.Create(view, vector, scratch);
        int top = Math.Min(matches.Length, view.Live);
        if (top == 0)
        {
            return 0;
        }

        IndexStage stage = plan.Exact ? IndexStage.Exact : view.Stage;
        RowFilter? filter = plan.Filter?.Resolve(view);
        if (stage is IndexStage.Exact)
        {
            scratch.Best.Reset(top);
            ScanExact(view, ref query, filter, ref scratch.Best);
            return Emit(view, ref scratch.Best, top, plan.Metric, query.Norm, matches);
        }

        int keep = stage is IndexStage.Bits ? Math.Max(plan.Rescore, Math.Max(100, 10 * top)) : Math.Max(plan.Rescore, Math.Max(30, 2 * top));
        keep = Math.Min(keep, view.Live);
        if (stage is IndexStage.Graph && (filter is null || filter.IsWide(view.Count)))
        {
            int expansion = Math.Max(plan.Expansion, top);
            HnswSearch<TKernels>.Search(view, ref query, filter, expansion, scratch);
            // The graph promises k; where deleted or filtered rows starved it, the scan below keeps the promise.
            if (scratch.Pool.Count >= top || filter is { Cardinality: 0 })
            {
                keep = Math.Min(Math.Max(Math.Max(plan.Rescore, 2 * top), Math.Max(16, expansion / 3)), scratch.Pool.Count);
                return Rescore(view, ref query, keep, top, plan.Metric, scratch, matches);
            }
        }

        scratch.Pool.Reset(keep);
        if (filter is not null && !filter.IsDense(view.Count))
        {
            ScanRows(view, ref query, filter, ref scratch.Pool);
        }
        else if (stage is IndexStage.Bits)
        {
            ScanBits(view, ref query, filter, ref scratch.Pool);
        }
        else
        {
            ScanCodes(view, ref query, filter, ref scratch.Pool);
        }

        return Rescore(view, ref query, scratch.Pool.Count, top, plan.Metric, scratch, matches);
    }

    private static void ScanExact(View view, ref PreparedQuery query, RowFilter? filter, ref CandidatePool pool)
    {
        RowLayout layout = view.Rows.Layout;
        for (int start = 0; start < view.Count; start += RowLayout.ChunkRows)
        {
            Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
            int rows = Math.Min(RowLayout.ChunkRows, view.Count - start);
            for (int i = 0; i < rows; i++)
            {
                if (filter is not null && !filter.Passes(start + i))
                {
                    continue;
                }

                float distance = query.Exact<TKernels>(layout, chunk, i);
                if (distance < pool.Bound && chunk.IsLive(i, view.Version))
                {
                    pool.Add(distance, start + i);
                }
            }
        }
    }

    private static void ScanCodes(View view, ref PreparedQuery query, RowFilter? filter, ref CandidatePool pool)
    {
        RowLayout layout = view.Rows.Layout;
        for (int start = 0; start < view.Count; start += RowLayout.ChunkRows)
        {
            Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
            int rows = Math.Min(RowLayout.ChunkRows, view.Count - start);
            for (int i = 0; i < rows; i++)
            {
                float distance = query.Coded<TKernels>(layout, chunk, i);
                if (distance < pool.Bound && chunk.IsLive(i, view.Version) && (filter is null || filter.Passes(start + i)))
                {
                    pool.Add(distance, start + i);
                }
            }
        }
    }

    /// <summary>Only the rows that pass: gathers, so it pays while few do.</summary>
    private static void ScanRows(View view, ref PreparedQuery query, RowFilter filter, ref CandidatePool pool)
    {
        RowLayout layout = view.Rows.Layout;
        bool coded = view.Stage is not IndexStage.Bits;
        int words = (view.Count + 63) >> 6;
        for (int word = 0; word < words; word++)
        {
            for (ulong bits = filter.Words[word]; bits != 0; bits &= bits - 1)
            {
                int row = (word << 6) + BitOperations.TrailingZeroCount(bits);
                if (row >= view.Count)
                {
                    return;
                }

                Chunk chunk = view.Chunks[row >> RowLayout.ChunkShift];
                if (!chunk.IsLive(row & Mask, view.Version))
                {
                    continue;
                }

                pool.Add(coded ? query.Coded<TKernels>(layout, chunk, row & Mask) : query.Exact<TKernels>(layout, chunk, row & Mask), row);
            }
        }
    }

    [SkipLocalsInit]
    private static void ScanBits(View view, ref PreparedQuery query, RowFilter? filter, ref CandidatePool pool)
    {
        RowLayout layout = view.Rows.Layout;
        int groups = view.Rows.BitCodes.Groups;
        bool squared = layout.Metric is VectorMetric.SquaredL2;
        uint* sums = stackalloc uint[64];
        Vector256<float> step = Vector256.Create(query.Step), offset = Vector256.Create(query.Offset), norm = Vector256.Create(query.Norm);
        for (int start = 0; start < view.Count; start += 64)
        {
            Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
            int first = start & Mask;
            TKernels.ScanBits(chunk.Bits + ((long)(first >> 6) * layout.BitBlockBytes), query.Table, groups, sums);
            for (int lane = 0; lane < 64; lane += 8)
            {
                Vector256<float> dot = ((Vector256.ConvertToSingle(Vector256.Load((int*)sums + lane)) * step) + offset) * Vector256.Load(chunk.BitFactors + first + lane);
                Vector256<float> distance = squared ? norm + Vector256.Load(chunk.Norms + first + lane) - (dot + dot) : -dot;
                for (uint near = Vector256.LessThan(distance, Vector256.Create(pool.Bound)).ExtractMostSignificantBits(); near != 0; near &= near - 1)
                {
                    int i = lane + BitOperations.TrailingZeroCount(near), row = start + i;
                    if (row < view.Count && chunk.IsLive(first + i, view.Version) && (filter is null || filter.Passes(row)))
                    {
                        pool.Add(distance[i - lane], row);
                    }
                }
            }
        }
    }

    private static int Rescore(View view, ref PreparedQuery query, int keep, int top, VectorMetric metric, Scratch scratch, Span<VectorMatch> matches)
    {
        scratch.Best.Reset(Math.Max(1, Math.Min(top, keep)));
        for (int i = 0; i < keep; i++)
        {
            int row = scratch.Pool.Row(i);
            scratch.Best.Add(query.Exact<TKernels>(view.Rows.Layout, view.Chunks[row >> RowLayout.ChunkShift], row & Mask), row);
        }

        return Emit(view, ref scratch.Best, top, metric, query.Norm, matches);
    }

    public static int Emit(View view, ref CandidatePool best, int top, VectorMetric metric, float queryNorm, Span<VectorMatch> matches)
    {
        int count = Math.Min(top, best.Count);
        for (int i = 0; i < count; i++)
        {
            float distance = best.Distance(i);
            float score = metric is VectorMetric.SquaredL2 ? distance : -distance;
            matches[i] = new VectorMatch(RowSet.IdOf(view.Chunks, best.Row(i)), score);
        }

        GC.KeepAlive(view);
        return count;
    }
}
