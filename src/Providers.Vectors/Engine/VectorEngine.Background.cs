namespace Providers.Vectors;

/// <content>What goes on beside readers and writers: building codes and graphs, and compaction.</content>
internal sealed partial class VectorEngine
{
    private bool NeedsCompaction => _rows.Count - _live is var dead && dead >= 64 && dead > Options.CompactionThreshold * _rows.Count && Options.CompactionThreshold < 1;

    private IndexStage WantedStage =>
        _kind is not IndexKind.Adaptive ? _stage
        : _live >= Options.GraphFrom || (_stage is IndexStage.Int8 && _live >= Options.GraphFrom / 10 && _cost.Milliseconds > 2) ? IndexStage.Graph
        : _live >= Options.QuantizeFrom || (_live >= Options.QuantizeFrom / 10 && _cost.Milliseconds > 1) ? (IndexStage)Math.Max((int)IndexStage.Int8, (int)_stage)
        : _stage;

    private void StartBackground()
    {
        if (_background.IsCompleted && (NeedsCompaction || WantedStage != _stage))
        {
            _background = Task.Run(Work);
        }
    }

    private void Work()
    {
        while (true)
        {
            IndexStage wanted;
            bool compact;
            lock (_gate)
            {
                (wanted, compact) = (WantedStage, NeedsCompaction);
                if (_disposed || (wanted == _stage && !compact))
                {
                    return;
                }
            }

            if (compact)
            {
                Compact();
            }
            else
            {
                Build(wanted);
            }
        }
    }

    /// <summary>Adds codes, then a graph, to the rows in use; nobody sees them before they are complete.</summary>
    private void Build(IndexStage wanted)
    {
        RowSet rows = _rows;
        for (bool coded = false; !coded;)
        {
            // Slices, so that a writer waits for tens of microseconds, not for all rows.
            lock (_gate)
            {
                rows.CodedRows = Math.Max(0, rows.CodedRows);
                for (int i = 0; i < 64 && rows.CodedRows < rows.Count; i++)
                {
                    rows.Encode(rows.CodedRows);
                }

                coded = rows.CodedRows == rows.Count;
                if (_disposed)
                {
                    return;
                }

                if (coded && wanted is IndexStage.Int8)
                {
                    _stage = wanted;
                    Publish();
                    return;
                }
            }
        }

        var graph = new HnswGraph(rows, Options.BuildExpansion, Options.Seed);
        while (true)
        {
            int until;
            lock (_gate)
            {
                until = rows.Count;
                if (_disposed || until - graph.Linked < 64)
                {
                    Kernel.Link(graph, until, 1);
                    rows.Graph = graph;
                    _stage = wanted;
                    Publish();
                    return;
                }
            }

            Kernel.Link(graph, Math.Min(until, graph.Linked + RowLayout.ChunkRows), Options.BuildThreads);
        }
    }

    /// <summary>Copies live rows to a new set, catches up with writers, and swaps. Readers of the old view keep it alive.</summary>
    private unsafe void Compact()
    {
        RowSet old = _rows, fresh = NewRows();
        fresh.CodedRows = Math.Min(0, old.CodedRows);
        fresh.BitRows = Math.Min(0, old.BitRows);
        fresh.Graph = old.Graph is null ? null : new HnswGraph(fresh, Options.BuildExpansion, Options.Seed);
        var moved = new List<(int From, int To)>();
        var vector = new float[_layout.Stride];
        int done = 0;
        while (true)
        {
            int until;
            Chunk[] chunks;
            lock (_gate)
            {
                (until, chunks) = (old.Count, old.Chunks);
                if (_disposed)
                {
                    return;
                }

                if (until - done < 256)
                {
                    Move(until);
                    Swap();
                    return;
                }
            }

            Move(Math.Min(until, done + RowLayout.ChunkRows));

            void Move(int end)
            {
                for (; done < end; done++)
                {
                    Chunk chunk = chunks[done >> RowLayout.ChunkShift];
                    int offset = done & (RowLayout.ChunkRows - 1);
                    if (Volatile.Read(ref chunk.Dead[offset]) == 0)
                    {
                        RowSet.Read(_layout, chunk, offset, vector);
                        moved.Add((done, fresh.Append(chunk.Ids[offset], vector.AsSpan(0, Options.Dimensions))));
                    }
                }

                if (fresh.Graph is not null)
                {
                    Kernel.Link(fresh.Graph, fresh.Count, Options.BuildThreads);
                }
            }
        }

        void Swap()
        {
            foreach ((int from, int to) in moved)
            {
                long dead = old.Chunks[from >> RowLayout.ChunkShift].Dead[from & (RowLayout.ChunkRows - 1)];
                if (dead != 0)
                {
                    fresh.Chunks[to >> RowLayout.ChunkShift].Dead[to & (RowLayout.ChunkRows - 1)] = dead;
                }
                else
                {
                    fresh.Map.Set(fresh.Chunks, RowSet.IdOf(fresh.Chunks, to), to);
                }
            }

            _rows = fresh;
            Publish();
        }
    }
}
