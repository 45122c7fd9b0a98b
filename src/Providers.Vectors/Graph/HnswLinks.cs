namespace Providers.Vectors;

/// <summary>The links of single rows: which of many are kept, and the tree along which every row can be walked to.</summary>
internal static unsafe class HnswLinks<TKernels>
    where TKernels : struct, IKernels
{
    private const int Mask = RowLayout.ChunkRows - 1;

    /// <summary>Ties a row to the first with room on a walk along the tree. One that never turns back ends at a leaf, and only full rows are left behind.</summary>
    public static void HangAlong(HnswGraph graph, int row, int at)
    {
        for (int from = -1; !Tie(graph, row, at);)
        {
            lock (graph.Stripe(at))
            {
                int* links = graph.LinksOf(at, 0);
                (from, at) = (at, Edge.Row(links[Edge.Row(links[0]) == from ? 1 : 0]));
            }
        }
    }

    /// <summary>Makes a tree link of both directions between a row that has room and that nobody else writes to, and another; false when that one has no room.</summary>
    public static bool Tie(HnswGraph graph, int row, int other)
    {
        int degree = graph.Degree(0);
        lock (graph.Stripe(other))
        {
            int* links = graph.LinksOf(other, 0);
            if (Edge.CountTree(links, degree) == degree)
            {
                return false;
            }

            Add(graph.Rows, graph.LinksOf(row, 0), degree, row, Edge.To(other, tree: true));
            Add(graph.Rows, links, degree, other, Edge.To(row, tree: true));
            return true;
        }
    }

    /// <summary>Adds a link to a list; from a full one the rule of construction drops what it does not choose, tree links excepted.</summary>
    public static void Add(RowSet rows, int* links, int degree, int owner, int word)
    {
        int at = Edge.Find(links, degree, Edge.Row(word));
        if (at < degree)
        {
            if (links[at] >= 0)
            {
                Volatile.Write(ref links[at], word);
            }

            return;
        }

        Chunk[] chunks = rows.Chunks;
        PreparedQuery query = QueryOf(rows.Layout, chunks, owner);
        ref CandidatePool pool = ref Scratch.Current.Best;
        pool.Reset(degree + 1);
        int tied = 0;
        for (int i = 0; i <= degree; i++)
        {
            int link = i < degree ? links[i] : word;
            tied += Edge.IsTree(link) ? 1 : 0;
            pool.Insert(CandidatePool.Key(Distance(ref query, rows.Layout, chunks, Edge.Row(link)), Edge.Row(link), Edge.IsTree(link)));
        }

        if (tied > degree)
        {
            return;
        }

        Span<int> chosen = stackalloc int[degree];
        int count = Select(rows, chunks, ref pool, tied, chosen);
        for (int i = 0; i < degree; i++)
        {
            Volatile.Write(ref links[i], i < count ? chosen[i] : 0);
        }
    }

    /// <summary>
    /// The paper's Algorithm 4: a candidate stays if it is nearer to the owner than to any one already chosen. The dead come after all
    /// that are alive, for their links go with them; the <paramref name="tied"/> candidates with a mark always stay.
    /// </summary>
    public static int Select(RowSet rows, Chunk[] chunks, ref CandidatePool pool, int tied, Span<int> chosen)
    {
        int count = 0, phases = rows.Died == 0 ? 1 : 2;
        for (int phase = 0; phase < phases; phase++)
        {
            for (int i = 0; i < pool.Count && count < chosen.Length; i++)
            {
                int candidate = pool.Row(i);
                if (phases == 2 && (RowSet.IsDead(chunks, candidate) != (phase == 1) || (phase == 1 && Holds(chosen[..count], candidate))))
                {
                    // It may have died between the phases.
                    continue;
                }

                bool tree = pool.Flag(i);
                tied -= tree ? 1 : 0;
                if (tree || (count + tied < chosen.Length && IsDiverse(rows.Layout, chunks, candidate, pool.Distance(i), chosen[..count])))
                {
                    chosen[count++] = Edge.To(candidate, tree);
                }
            }
        }

        return count;
    }

    private static bool Holds(ReadOnlySpan<int> chosen, int row)
    {
        foreach (int word in chosen)
        {
            if (Edge.Row(word) == row)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDiverse(RowLayout layout, Chunk[] chunks, int candidate, float toOwner, ReadOnlySpan<int> chosen)
    {
        PreparedQuery query = QueryOf(layout, chunks, candidate);
        foreach (int word in chosen)
        {
            if (Distance(ref query, layout, chunks, Edge.Row(word)) < toOwner)
            {
                return false;
            }
        }

        return true;
    }

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
