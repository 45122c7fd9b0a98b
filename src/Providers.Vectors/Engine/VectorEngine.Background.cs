namespace Providers.Vectors;

/// <content>What goes on beside readers and writers: building codes and graphs, and when to compact.</content>
internal sealed partial class VectorEngine
{
    /// <summary>Gets or sets what the background task does when it has made up its mind, told whether it found work or is about to end: for tests of what happens just then.</summary>
    internal Action<bool> Decided { get; set; } = static _ => { };

    /// <summary>Whether nobody works who would see what was just written. One that failed has not said that it ends.</summary>
    private bool Rests => !Volatile.Read(ref _working) || _background.IsCompleted;

    private bool NeedsCompaction => _rows.Count - _live is var dead && dead >= 64 && dead > Options.CompactionThreshold * _rows.Count && Options.CompactionThreshold < 1;

    private IndexStage WantedStage => Affordable(PreferredStage) ? PreferredStage : _stage;

    private IndexStage PreferredStage =>
        _kind is not IndexKind.Adaptive ? _stage
        : _live >= Options.GraphFrom || (_stage is IndexStage.Int8 && _live >= Options.GraphFrom / 10 && _cost.Milliseconds > 2) ? IndexStage.Graph
        : _live >= Options.QuantizeFrom || (_live >= Options.QuantizeFrom / 10 && _cost.Milliseconds > 1) ? (IndexStage)Math.Max((int)IndexStage.Int8, (int)_stage)
        : _stage;

    /// <summary>Whether the parts a stage adds stay under the memory cap.</summary>
    private bool Affordable(IndexStage stage)
    {
        if (Options.MaxMemoryBytes == long.MaxValue || stage == _stage)
        {
            return true;
        }

        long more = _rows.CodedRows < 0 ? _layout.Bytes(Part.Codes, _rows.Count) + _layout.Bytes(Part.Scales, _rows.Count) : 0;
        if (stage is IndexStage.Graph)
        {
            // A row has one upper slot of half the links for every (links / 2 - 1) rows.
            more += (_layout.Bytes(Part.Links, _rows.Count) * 9 / 8) + _layout.Bytes(Part.Upper, _rows.Count);
        }

        return GetStats().TotalBytes + more <= Options.MaxMemoryBytes;
    }

    /// <summary>Lets an index that is only searched move on too. A searcher never waits: where somebody holds the lock, that is a writer, who considers it as well.</summary>
    private void Reconsider()
    {
        if (Rests && WantedStage != _stage && _gate.TryEnter())
        {
            try
            {
                if (!_disposed)
                {
                    StartBackground();
                }
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    /// <summary>Sees to it, under the lock, that somebody works. A task that has decided to end but has not ended, and a compaction that was asked for, are followed by a new one.</summary>
    private void StartBackground()
    {
        if (Rests && (NeedsCompaction || WantedStage != _stage))
        {
            _working = true;
            _background = _background.IsCompleted ? Task.Run(Work) : _background.ContinueWith(_ => Work(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Work()
    {
        while (Next() is { } task)
        {
            Decided(true);
            task();
        }

        Decided(false);
    }

    /// <summary>Gets what is to be done next; <see langword="null"/>: nothing, and from this moment on whoever writes must begin anew.</summary>
    private Action? Next()
    {
        lock (_gate)
        {
            Action? task = _disposed ? null
                : NeedsCompaction ? Compact
                : WantedStage is var wanted && wanted != _stage ? () => Build(wanted)
                : null;
            _working = task is not null;
            return task;
        }
    }

    /// <summary>Adds codes, then a graph, to the rows in use; nobody sees them before they are complete.</summary>
    private void Build(IndexStage wanted)
    {
        RowSet rows = _rows;
        for (bool coded = false; !coded;)
        {
            // Slices, so that a writer waits for tens of microseconds, not for all rows.
            GiveWay();
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
                if (_disposed)
                {
                    return; // whoever closes the index does not wait for the rest
                }

                if (until - graph.Linked < 64)
                {
                    Kernel.Link(graph, until, 1);
                    rows.Graph = graph;
                    _stage = wanted;
                    Publish();
                    return;
                }
            }

            Kernel.Link(graph, Math.Min(until, graph.Linked + 1_024), Options.BuildThreads);
        }
    }
}
