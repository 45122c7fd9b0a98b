namespace Providers.Vectors;

/// <summary>
/// Carries a graph over to a row set without the dead rows, instead of linking every row anew: links between live rows stay, and
/// a row that loses neighbours inherits some of theirs, chosen by the same rule (the consolidation of FreshDiskANN, Singh et al. 2021).
/// </summary>
internal static unsafe class HnswCarrier<TKernels>
    where TKernels : struct, IKernels
{
    private const int MostHeirs = 96;

    /// <summary>Writes the links of the rows <paramref name="start"/> to <paramref name="end"/> of the old set.</summary>
    /// <param name="from">The graph in use.</param>
    /// <param name="to">The graph of the new rows, with room for their links.</param>
    /// <param name="map">The new row of each old one, -1 for the dead.</param>
    /// <param name="start">The first old row.</param>
    /// <param name="end">One beyond the last.</param>
    public static void Carry(HnswGraph from, HnswGraph to, ReadOnlySpan<int> map, int start, int end)
    {
        for (int row = start; row < end; row++)
        {
            if (map[row] < 0)
            {
                continue;
            }

            int highest = to.LevelOf(map[row]);
            for (int level = 0; level <= highest; level++)
            {
                Level(from, to, map, row, level);
            }

            to.Promote(map[row], highest);
        }
    }

    private static void Level(HnswGraph from, HnswGraph to, ReadOnlySpan<int> map, int row, int level)
    {
        RowLayout layout = to.Rows.Layout;
        Chunk[] chunks = to.Rows.Chunks;
        int degree = level == 0 ? layout.Links : layout.Links / 2, kept = 0, owner = map[row];
        int* old = HnswBuilder<TKernels>.LinksOf(from.Rows.Chunks, from.View, layout, row, level);
        int* own = HnswBuilder<TKernels>.LinksOf(chunks, to.View, layout, owner, level);
        Span<int> dead = stackalloc int[degree];
        int lost = 0;
        for (int i = 0; i < degree && old[i] != 0; i++)
        {
            int next = old[i] - 1;
            if (next >= map.Length)
            {
                continue; // newer than the copy: it is linked afterwards
            }

            if (map[next] >= 0)
            {
                own[kept++] = map[next] + 1;
            }
            else
            {
                dead[lost++] = next;
            }
        }

        if (lost > 0)
        {
            Inherit(from, map, level, dead[..lost], own, kept, degree, owner, chunks, layout);
        }
    }

    private static void Inherit(
        HnswGraph from, ReadOnlySpan<int> map, int level, ReadOnlySpan<int> dead, int* own, int kept, int degree, int owner, Chunk[] chunks, RowLayout layout)
    {
        Span<int> heirs = stackalloc int[MostHeirs];
        int count = Heirs(from, map, level, dead, owner, degree, heirs, layout);
        PreparedQuery query = HnswBuilder<TKernels>.QueryOf(layout, chunks, owner);
        ref CandidatePool pool = ref Scratch.Current.Best;
        pool.Reset(MostHeirs);
        for (int i = 0; i < count; i++)
        {
            if (i + 3 < count)
            {
                Prefetch.Codes(chunks, layout, heirs[i + 3]);
            }

            pool.Add(HnswBuilder<TKernels>.Distance(ref query, layout, chunks, heirs[i]), heirs[i]);
        }

        for (int i = 0; i < pool.Count && kept < degree; i++)
        {
            int heir = pool.Row(i);
            PreparedQuery other = HnswBuilder<TKernels>.QueryOf(layout, chunks, heir);
            bool keep = !HnswBuilder<TKernels>.Holds(own, kept, heir);
            for (int j = 0; j < kept && keep; j++)
            {
                keep = HnswBuilder<TKernels>.Distance(ref other, layout, chunks, own[j] - 1) >= pool.Distance(i);
            }

            if (keep)
            {
                own[kept++] = heir + 1;
            }
        }
    }

    /// <summary>Live neighbours of the dead ones, taken in turns so that each dead one is heard.</summary>
    private static int Heirs(HnswGraph from, ReadOnlySpan<int> map, int level, ReadOnlySpan<int> dead, int owner, int degree, Span<int> heirs, RowLayout layout)
    {
        int count = 0;
        for (int i = 0; i < degree; i++)
        {
            foreach (int gone in dead)
            {
                int next = HnswBuilder<TKernels>.LinksOf(from.Rows.Chunks, from.View, layout, gone, level)[i] - 1;
                if (next < 0 || next >= map.Length || map[next] < 0 || map[next] == owner)
                {
                    continue;
                }

                if (heirs[..count].Contains(map[next]))
                {
                    continue;
                }

                heirs[count++] = map[next];
                if (count == heirs.Length)
                {
                    return count;
                }
            }
        }

        return count;
    }
}
