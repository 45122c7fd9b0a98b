namespace Providers.Vectors;

/// <summary>Links rows into a graph; many rows may be linked at once by several threads.</summary>
internal static unsafe class HnswBuilder<TKernels>
    where TKernels : struct, IKernels
{
    private const int Mask = RowLayout.ChunkRows - 1;

    /// <summary>Links every row that has codes but no links yet.</summary>
    public static void Link(HnswGraph graph, int until, int threads)
    {
        graph.Prepare(until);
        int from = graph.Linked;
        if (graph.View.Entry < 0 && from < until)
        {
            graph.Promote(from, graph.LevelOf(from));
            from++;
        }

        if (threads > 1 && until - from > 64)
        {
            Parallel.For(from, until, new ParallelOptions { MaxDegreeOfParallelism = threads }, row => Insert(graph, row, until));
        }
        else
        {
            for (int row = from; row < until; row++)
            {
                Insert(graph, row, until);
            }
        }

        graph.Linked = until;
    }

    private static void Insert(HnswGraph graph, int row, int limit)
    {
        RowLayout layout = graph.Rows.Layout;
        Chunk[] chunks = graph.Rows.Chunks;
        GraphView view = graph.View;
        Scratch scratch = Scratch.Current;
        scratch.Budget = int.MaxValue;
        PreparedQuery query = QueryOf(layout, chunks, row);
        int level = graph.LevelOf(row);
        int entry = HnswSearch<TKernels>.Descend(chunks, layout, view, ref query, view.Level, Math.Min(level, view.Level), limit, view.Entry, out float distance);
        for (int at = Math.Min(level, view.Level); at >= 0; at--)
        {
            scratch.ResetVisited(limit);
            scratch.Visited[row >> 6] |= 1UL << (row & 63);
            HnswSearch<TKernels>.Expand(chunks, layout, view.Upper, at, ref query, graph.Expansion, limit, entry, distance, scratch, default(AllRows));
            Connect(graph, chunks, view, row, at, scratch);
            (entry, distance) = (scratch.Pool.Row(0), scratch.Pool.Distance(0));
        }

        if (level > view.Level)
        {
            graph.Promote(row, level);
        }
    }

    private static void Connect(HnswGraph graph, Chunk[] chunks, GraphView view, int row, int level, Scratch scratch)
    {
        RowLayout layout = graph.Rows.Layout;
        int degree = level == 0 ? layout.Links : layout.Links / 2;
        Span<int> chosen = stackalloc int[layout.Links / 2];
        int count = Select(layout, chunks, ref scratch.Pool, chosen);
        int* own = LinksOf(chunks, view, layout, row, level);
        lock (graph.Stripe(row))
        {
            // Another thread may have linked back to this row already: keep what fits.
            int kept = 0;
            while (kept < degree - count && own[kept] != 0)
            {
                kept++;
            }

            for (int i = 0; i < count; i++)
            {
                if (!Holds(own, kept, chosen[i]))
                {
                    Volatile.Write(ref own[kept++], chosen[i] + 1);
                }
            }
        }

        foreach (int neighbour in chosen[..count])
        {
            lock (graph.Stripe(neighbour))
            {
                LinkBack(layout, chunks, LinksOf(chunks, view, layout, neighbour, level), degree, neighbour, row, scratch);
            }
        }
    }

    public static bool Holds(int* links, int count, int row)
    {
        for (int i = 0; i < count; i++)
        {
            if (links[i] == row + 1)
            {
                return true;
            }
        }

        return false;
    }

    private static void LinkBack(RowLayout layout, Chunk[] chunks, int* links, int degree, int owner, int row, Scratch scratch)
    {
        int used = 0;
        while (used < degree && links[used] != 0)
        {
            if (links[used++] == row + 1)
            {
                return;
            }
        }

        if (used < degree)
        {
            Volatile.Write(ref links[used], row + 1);
            return;
        }

        PreparedQuery query = QueryOf(layout, chunks, owner);
        ref CandidatePool pool = ref scratch.Best;
        pool.Reset(degree + 1);
        pool.Add(Distance(ref query, layout, chunks, row), row);
        for (int i = 0; i < degree; i++)
        {
            pool.Add(Distance(ref query, layout, chunks, links[i] - 1), links[i] - 1);
        }

        Span<int> chosen = stackalloc int[degree];
        int count = Select(layout, chunks, ref pool, chosen);
        for (int i = 0; i < degree; i++)
        {
            Volatile.Write(ref links[i], i < count ? chosen[i] + 1 : 0);
        }
    }

    /// <summary>The paper's Algorithm 4: a candidate stays if it is nearer to the owner than to any one already chosen.</summary>
    private static int Select(RowLayout layout, Chunk[] chunks, ref CandidatePool pool, Span<int> chosen)
    {
        int count = 0;
        for (int i = 0; i < pool.Count && count < chosen.Length; i++)
        {
            int candidate = pool.Row(i);
            float toOwner = pool.Distance(i);
            PreparedQuery query = QueryOf(layout, chunks, candidate);
            bool keep = true;
            for (int j = 0; j < count && keep; j++)
            {
                keep = Distance(ref query, layout, chunks, chosen[j]) >= toOwner;
            }

            if (keep)
            {
                chosen[count++] = candidate;
            }
        }

        return count;
    }

    public static int* LinksOf(Chunk[] chunks, GraphView view, RowLayout layout, int row, int level) =>
        level == 0 ? HnswGraph.Links(chunks, layout, row) : HnswGraph.Upper(chunks, view.Upper, layout, row, level);

    public static float Distance(ref PreparedQuery query, RowLayout layout, Chunk[] chunks, int row) =>
        query.Coded<TKernels>(layout, chunks[row >> RowLayout.ChunkShift], row & Mask);

    public static PreparedQuery QueryOf(RowLayout layout, Chunk[] chunks, int row)
    {
        Chunk chunk = chunks[row >> RowLayout.ChunkShift];
        int offset = row & Mask;
        sbyte* codes = chunk.Codes + ((long)offset * layout.CodeStride);
        return new PreparedQuery
        {
            Codes = codes,
            Bias = TKernels.Bias(codes, layout.CodeStride),
            Scale = chunk.Scales[offset],
            Norm = chunk.Norms[offset],
        };
    }
}
