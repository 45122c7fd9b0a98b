namespace Providers.Vectors;

/// <summary>Best-first search of the lowest level over 8-bit codes, with one sorted pool and a bit set of visited rows.</summary>
internal static unsafe class HnswSearch<TKernels>
    where TKernels : struct, IKernels
{
    private const int Mask = RowLayout.ChunkRows - 1;

    /// <summary>Leaves the best live rows that pass in <see cref="Scratch.Pool"/>; false when the budget ran out before.</summary>
    public static bool Search(View view, ref PreparedQuery query, RowFilter? filter, int expansion, Scratch scratch)
    {
        GraphView graph = view.Graph!;
        int entry = Descend(view.Chunks, view.Rows.Layout, graph, ref query, graph.Level, 0, view.Count, graph.Entry, out float distance);
        scratch.ResetVisited(view.Count);
        return filter is null && view.Live == view.Count
            ? Expand(view.Chunks, view.Rows.Layout, null, 0, ref query, expansion, view.Count, entry, distance, scratch, default(AllRows))
            : Expand(view.Chunks, view.Rows.Layout, null, 0, ref query, expansion, view.Count, entry, distance, scratch, new SomeRows(view, filter));
    }

    /// <summary>Walks down to the level above <paramref name="to"/>, always to the nearest neighbour.</summary>
    public static int Descend(
        Chunk[] chunks, RowLayout layout, GraphView graph, ref PreparedQuery query, int from, int to, int limit, int entry, out float distance)
    {
        distance = query.Coded<TKernels>(layout, chunks[entry >> RowLayout.ChunkShift], entry & Mask);
        for (int level = from; level > to; level--)
        {
            for (bool moved = true; moved;)
            {
                moved = false;
                int* links = HnswGraph.Upper(chunks, graph.Upper, layout, entry, level);
                for (int i = 0; i < layout.Links / 2; i++)
                {
                    int next = Volatile.Read(ref links[i]) - 1;
                    if (next < 0)
                    {
                        break;
                    }

                    if (next >= limit)
                    {
                        continue;
                    }

                    float candidate = query.Coded<TKernels>(layout, chunks[next >> RowLayout.ChunkShift], next & Mask);
                    if (candidate < distance)
                    {
                        (distance, entry, moved) = (candidate, next, true);
                    }
                }
            }
        }

        return entry;
    }

    /// <summary>
    /// Rows that may not be returned are walked through but take no place in the pool: the frontier keeps them while they are
    /// nearer than the worst result.
    /// </summary>
    public static bool Expand<TRows>(
        Chunk[] chunks, RowLayout layout, NativeBlock[]? upper, int level, ref PreparedQuery query, int expansion, int limit,
        int entry, float entryDistance, Scratch scratch, TRows rows)
        where TRows : struct, IRowPredicate
    {
        ref CandidatePool pool = ref scratch.Pool;
        pool.Reset(expansion);
        ulong[] visited = scratch.Visited;
        int[] near = scratch.Neighbours;
        int frontier = 0, left = scratch.Budget, degree = level == 0 ? layout.Links : layout.Links / 2;
        visited[entry >> 6] |= 1UL << (entry & 63);
        Push(ref scratch.Frontier, ref frontier, CandidatePool.Key(entryDistance, entry, false));
        if (rows.Returns(chunks, entry))
        {
            pool.Add(entryDistance, entry);
        }

        while (frontier > 0)
        {
            if (left < 0)
            {
                return false;
            }

            long nearest = Pop(scratch.Frontier, ref frontier);
            if (CandidatePool.FromSortable((int)(nearest >> 32)) > pool.Bound)
            {
                break;
            }

            int row = (int)((uint)nearest >> 1), count = 0;
            int* links = level == 0 ? HnswGraph.Links(chunks, layout, row) : HnswGraph.Upper(chunks, upper!, layout, row, level);
            for (int i = 0; i < degree; i++)
            {
                int next = Edge.Row(Volatile.Read(ref links[i]));
                if (next < 0)
                {
                    break;
                }

                if (next >= limit || (visited[next >> 6] >> (next & 63) & 1) != 0)
                {
                    continue;
                }

                visited[next >> 6] |= 1UL << (next & 63);
                near[count++] = next;
            }

            for (int i = 0; i < Math.Min(3, count); i++)
            {
                Prefetch.Codes(chunks, layout, near[i]);
            }

            left -= count;

            for (int i = 0; i < count; i++)
            {
                if (i + 3 < count)
                {
                    Prefetch.Codes(chunks, layout, near[i + 3]);
                }

                int next = near[i];
                float distance = query.Coded<TKernels>(layout, chunks[next >> RowLayout.ChunkShift], next & Mask);
                if (distance < pool.Bound)
                {
                    long key = CandidatePool.Key(distance, next, false);
                    Push(ref scratch.Frontier, ref frontier, key);
                    if (level == 0 && scratch.Frontier[0] == key)
                    {
                        // Likely the next to be expanded.
                        Prefetch.Bytes(HnswGraph.Links(chunks, layout, next), layout.Links * sizeof(int));
                    }

                    if (rows.Returns(chunks, next))
                    {
                        pool.Add(distance, next);
                    }
                }
            }
        }

        return true;
    }

    private static void Push(ref long[] heap, ref int count, long key)
    {
        if (count == heap.Length)
        {
            Array.Resize(ref heap, count * 2);
        }

        int i = count++;
        while (i > 0 && heap[(i - 1) >> 1] > key)
        {
            heap[i] = heap[(i - 1) >> 1];
            i = (i - 1) >> 1;
        }

        heap[i] = key;
    }

    private static long Pop(long[] heap, ref int count)
    {
        long first = heap[0], last = heap[--count];
        int i = 0;
        for (int child = 1; child < count; child = (2 * i) + 1)
        {
            child += child + 1 < count && heap[child + 1] < heap[child] ? 1 : 0;
            if (heap[child] >= last)
            {
                break;
            }

            heap[i] = heap[child];
            i = child;
        }

        heap[i] = last;
        return first;
    }
}

/// <summary>Which rows a graph search may return.</summary>
internal interface IRowPredicate
{
    bool Returns(Chunk[] chunks, int row);
}

internal readonly struct AllRows : IRowPredicate
{
    public bool Returns(Chunk[] chunks, int row) => true;
}

internal readonly struct SomeRows(View view, RowFilter? filter) : IRowPredicate
{
    public bool Returns(Chunk[] chunks, int row) =>
        chunks[row >> RowLayout.ChunkShift].IsLive(row & (RowLayout.ChunkRows - 1), view.Version) && (filter is null || filter.Passes(row));
}
