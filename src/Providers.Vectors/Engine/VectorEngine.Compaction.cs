namespace Providers.Vectors;

/// <content>Copies live rows to a new set, catches up with writers, and swaps. Readers of the old view keep it alive.</content>
internal sealed partial class VectorEngine
{
    private const int CopySlice = 64;
    private const int LinkSlice = 64;
    private const int HealSlice = 8;

    private void Compact()
    {
        RowSet old = _rows;
        var copy = new Compaction(old, NewRows());
        if (!InSlices(old.Count, CopySlice, copy.MoveTo) || !CarryGraph(copy))
        {
            return;
        }

        while (true)
        {
            lock (_gate)
            {
                if (_disposed)
                {
                    return;
                }

                copy.MoveTo(Math.Min(old.Count, copy.Moved + 8));
                if (copy.Fresh.Graph is { } graph)
                {
                    Kernel.Link(graph, copy.Fresh.Count, 1);
                }

                if (copy.Moved == old.Count)
                {
                    copy.Settle();
                    _rows = copy.Fresh;
                    Publish();
                    return;
                }
            }

            GiveWay();
        }
    }

    /// <summary>Takes the links over; where most rows are dead, too little of the graph is left and the live ones are linked anew.</summary>
    private bool CarryGraph(Compaction copy)
    {
        RowSet old = copy.Old, fresh = copy.Fresh;
        if (old.Graph is null)
        {
            return true;
        }

        var graph = new HnswGraph(fresh, Options.BuildExpansion, Options.Seed);
        fresh.Graph = graph;
        int rows = copy.Moved;
        if (fresh.Count * 2 < rows)
        {
            while (graph.Linked < fresh.Count)
            {
                if (Volatile.Read(ref _disposed))
                {
                    return false;
                }

                Kernel.Link(graph, Math.Min(fresh.Count, graph.Linked + 1_024), Options.BuildThreads);
            }

            return true;
        }

        graph.Prepare(fresh.Count);
        graph.Linked = fresh.Count;
        var carried = new CarriedGraph(graph, fresh.Count);
        int done = 0;
        bool whole = InSlices(rows, LinkSlice, end =>
        {
            carried.Carry(old.Graph, copy.Map, done, end);
            done = end;
        });
        for (int pass = 0; pass < CarriedGraph.Passes && whole; pass++)
        {
            done = 0;
            whole = InSlices(carried.Rows, pass == 0 ? HealSlice : LinkSlice, end =>
            {
                Kernel.Mend(carried, pass, done, end);
                done = end;
            });
        }

        return whole;
    }

    /// <summary>Works under the writers' lock in slices that take well under a millisecond, so that the writing side as a whole takes one core.</summary>
    private bool InSlices(int rows, int slice, Action<int> work)
    {
        for (int end = 0; end < rows;)
        {
            end = Math.Min(rows, end + slice);
            lock (_gate)
            {
                if (_disposed)
                {
                    return false;
                }

                work(end);
            }

            GiveWay();
        }

        return true;
    }

    /// <summary>Lets a writer that waits go first.</summary>
    private void GiveWay()
    {
        long turn = Volatile.Read(ref _turns);
        var spin = default(SpinWait);
        while (Volatile.Read(ref _waiting) > 0 && Volatile.Read(ref _turns) == turn)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
