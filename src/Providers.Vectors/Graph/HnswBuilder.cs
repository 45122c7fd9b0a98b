namespace Providers.Vectors;

/// <summary>Finds what new rows, and rows that lost links, are to be linked to; many rows may be linked at once by several threads.</summary>
internal static unsafe class HnswBuilder<TKernels>
    where TKernels : struct, IKernels
{
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
        GraphView view = graph.View;
        Scratch scratch = Scratch.Current;
        int level = graph.LevelOf(row), top = Math.Min(level, view.Level), most = graph.UpperDegree, expansion = Wide(graph);
        Span<int> chosen = stackalloc int[(top + 1) * most];
        Span<int> counts = stackalloc int[top + 1];
        int entry = Descend(graph, view, row, top, limit, out float distance);
        for (int at = top; at >= 0; at--)
        {
            counts[at] = Choose(graph, view, row, at, limit, expansion, entry, distance, chosen.Slice(at * most, most));
            (entry, distance) = (scratch.Pool.Row(0), scratch.Pool.Distance(0));
        }

        // The lowest level first: whoever comes upon the row on another thread finds it linked below, never a dead end.
        for (int at = 0; at <= top; at++)
        {
            Connect(graph, row, at, at == 0, chosen.Slice(at * most, counts[at]));
        }

        if (level > view.Level)
        {
            graph.Promote(row, level);
        }
    }

    /// <summary>Links a row of the lowest level to what is near and can be walked to from the entry; that is left in <see cref="Scratch.Pool"/>.</summary>
    public static void Attach(HnswGraph graph, int row, int limit)
    {
        GraphView view = graph.View;
        PreparedQuery query = HnswLinks<TKernels>.QueryOf(graph.Rows.Layout, graph.Rows.Chunks, row);
        float distance = HnswLinks<TKernels>.Distance(ref query, graph.Rows.Layout, graph.Rows.Chunks, view.Entry);
        Span<int> chosen = stackalloc int[graph.UpperDegree];
        Connect(graph, row, 0, false, chosen[..Choose(graph, view, row, 0, limit, graph.Expansion, view.Entry, distance, chosen)]);
    }

    /// <summary>Gives a row that lost links new ones: the search starts among those it kept, so a narrow one is enough.</summary>
    public static void Heal(HnswGraph graph, int row, int level, int limit)
    {
        int first = Edge.Row(*graph.LinksOf(row, level)), expansion = Math.Max(graph.Expansion * 3 / 8, graph.Rows.Layout.Links);
        float distance;
        if (first < 0)
        {
            first = Descend(graph, graph.View, row, level, limit, out distance);
        }
        else
        {
            PreparedQuery query = HnswLinks<TKernels>.QueryOf(graph.Rows.Layout, graph.Rows.Chunks, row);
            distance = HnswLinks<TKernels>.Distance(ref query, graph.Rows.Layout, graph.Rows.Chunks, first);
        }

        if (first == row)
        {
            return; // the entry, without a link to start from: others that look for links come upon it
        }

        Span<int> chosen = stackalloc int[graph.UpperDegree];
        int count = Choose(graph, graph.View, row, level, limit, expansion, first, distance, chosen);
        Connect(graph, row, level, false, chosen[..count]);
    }

    private static int Descend(HnswGraph graph, GraphView view, int row, int to, int limit, out float distance)
    {
        PreparedQuery query = HnswLinks<TKernels>.QueryOf(graph.Rows.Layout, graph.Rows.Chunks, row);
        return HnswSearch<TKernels>.Descend(graph.Rows.Chunks, graph.Rows.Layout, view, ref query, view.Level, to, limit, view.Entry, out distance);
    }

    /// <summary>How many candidates to keep: more where the dead take places.</summary>
    private static int Wide(HnswGraph graph)
    {
        (int count, int died) = (graph.Rows.Count, graph.Rows.Died);
        return died == 0 ? graph.Expansion : (int)((long)graph.Expansion * count / Math.Max((count + 1) / 2, count - died));
    }

    /// <summary>Leaves what is near a row in <see cref="Scratch.Pool"/> and chooses its links from that.</summary>
    private static int Choose(HnswGraph graph, GraphView view, int row, int level, int limit, int expansion, int entry, float distance, Span<int> chosen)
    {
        RowSet rows = graph.Rows;
        Scratch scratch = Scratch.Current;
        PreparedQuery query = HnswLinks<TKernels>.QueryOf(rows.Layout, rows.Chunks, row);
        scratch.Budget = int.MaxValue;
        scratch.ResetVisited(limit);
        scratch.Visited[row >> 6] |= 1UL << (row & 63);
        HnswSearch<TKernels>.Expand(rows.Chunks, rows.Layout, view.Upper, level, ref query, expansion, limit, entry, distance, scratch, default(AllRows));
        return HnswLinks<TKernels>.Select(rows, rows.Chunks, ref scratch.Pool, 0, chosen);
    }

    /// <summary>Links a row to the chosen ones and those back to it, and into the tree where it has no place there yet.</summary>
    private static void Connect(HnswGraph graph, int row, int level, bool hang, ReadOnlySpan<int> chosen)
    {
        int degree = graph.Degree(level);
        int* own = graph.LinksOf(row, level);
        foreach (int word in chosen)
        {
            // Nobody has come upon the row at this level yet: its list needs no lock.
            HnswLinks<TKernels>.Add(graph.Rows, own, degree, row, word);
        }

        if (hang)
        {
            Hang(graph, row, Edge.Row(chosen[0]));
        }

        foreach (int word in chosen)
        {
            int neighbour = Edge.Row(word);
            lock (graph.Stripe(neighbour))
            {
                HnswLinks<TKernels>.Add(graph.Rows, graph.LinksOf(neighbour, level), degree, neighbour, Edge.To(row, tree: false));
            }
        }
    }

    /// <summary>Ties a row to the one chosen first, to the nearest found that has room for a tree link, or to one with room along the tree.</summary>
    private static void Hang(HnswGraph graph, int row, int first)
    {
        ref CandidatePool pool = ref Scratch.Current.Pool;
        bool tied = HnswLinks<TKernels>.Tie(graph, row, first);
        for (int i = 0; i < pool.Count && !tied; i++)
        {
            tied = HnswLinks<TKernels>.Tie(graph, row, pool.Row(i));
        }

        if (!tied)
        {
            HnswLinks<TKernels>.HangAlong(graph, row, first);
        }
    }
}
