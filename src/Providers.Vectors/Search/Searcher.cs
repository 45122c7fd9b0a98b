namespace Providers.Vectors;

/// <summary>One search over one view. The kernel type is folded in, the view is immutable, nothing here takes a lock.</summary>
internal static unsafe class Searcher<TKernels>
    where TKernels : struct, IKernels
{
    private const int Mask = RowLayout.ChunkRows - 1;

    public static int Search(View view, ReadOnlySpan<float> vector, Span<VectorMatch> matches, SearchPlan plan)
    {
        Scratch scratch = Scratch.Current;
        scratch.UsualNanoseconds = 0;
        int top = Math.Min(matches.Length, view.Live);
        if (top == 0)
        {
            return 0;
        }

        PreparedQuery query = PreparedQuery.Create<TKernels>(view, vector, scratch);
        RowFilter? filter = plan.Filter?.Resolve(view);
        if (plan.Exact || view.Stage is IndexStage.Exact)
        {
            scratch.Best.Reset(top);
            Scanner<TKernels>.Exact(view, ref query, filter, scratch);
            return Emit(view, ref scratch.Best, top, plan.Metric, matches);
        }

        int expansion = Math.Max(plan.Expansion, top);
        SearchPath path = filter is null
            ? view.Stage is IndexStage.Graph ? SearchPath.Graph : SearchPath.Stream
            : (plan.Cost ?? SearchCost.Usual).Choose(view, filter, expansion);
        Note(scratch, view, path, filter, expansion);
        if (path is SearchPath.Graph)
        {
            // Rows that pass far from the query would have the walk measure the whole neighbourhood first: then the scan is cheaper.
            scratch.Budget = filter is null ? int.MaxValue : Math.Max(2_000, filter.Cardinality / 2);
            bool ended = HnswSearch<TKernels>.Search(view, ref query, filter, expansion, scratch);
            if (ended && scratch.Pool.Count >= top)
            {
                int best = Math.Max(Math.Max(plan.Rescore, 2 * top), Math.Max(16, expansion / 3));
                return Rescore(view, ref query, Math.Min(best, scratch.Pool.Count), top, plan.Metric, scratch, matches);
            }

            // The graph promises k; where deleted or filtered rows starved it, the scan below keeps the promise.
            path = filter is null ? SearchPath.Stream : SearchPath.Gather;
            scratch.UsualNanoseconds = 0;
        }

        int keep = view.Stage is IndexStage.Bits ? Math.Max(plan.Rescore, Math.Max(100, 10 * top)) : Math.Max(plan.Rescore, Math.Max(30, 2 * top));
        scratch.Pool.Reset(Math.Min(keep, view.Live));
        Scanner<TKernels>.Codes(view, ref query, path, filter, scratch);
        return Rescore(view, ref query, scratch.Pool.Count, top, plan.Metric, scratch, matches);
    }

    private static void Note(Scratch scratch, View view, SearchPath path, RowFilter? filter, int expansion) =>
        (scratch.Path, scratch.UsualNanoseconds) = (path, SearchCost.UsualCost(view, path, filter, expansion));

    private static int Rescore(View view, ref PreparedQuery query, int keep, int top, VectorMetric metric, Scratch scratch, Span<VectorMatch> matches)
    {
        RowLayout layout = view.Rows.Layout;
        scratch.Best.Reset(Math.Max(1, Math.Min(top, keep)));
        for (int i = 0; i < keep; i++)
        {
            if (i + 1 < keep)
            {
                Prefetch.Vector(view.Chunks, layout, scratch.Pool.Row(i + 1));
            }

            int row = scratch.Pool.Row(i);
            scratch.Best.Add(query.Exact<TKernels>(layout, view.Chunks[row >> RowLayout.ChunkShift], row & Mask), row);
        }

        return Emit(view, ref scratch.Best, top, metric, matches);
    }

    public static int Emit(View view, ref CandidatePool best, int top, VectorMetric metric, Span<VectorMatch> matches)
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
