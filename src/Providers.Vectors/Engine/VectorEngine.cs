namespace Providers.Vectors;

/// <summary>One writer at a time, any number of readers of an immutable view, and one background task that builds and compacts.</summary>
internal sealed partial class VectorEngine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IndexKind _kind;
    private readonly RowLayout _layout;
    private readonly WriteLog? _log;
    private readonly SearchCost _cost;
    private volatile View _view;
    private RowSet _rows;
    private IndexStage _stage;
    private long _version;
    private long _watermark;
    private int _live;
    private int _waiting;
    private long _turns;
    private Task _background = Task.CompletedTask;
    private bool _working;
    private bool _disposed;

    public VectorEngine(VectorIndexOptions options, IndexKind kind)
    {
        Options = options;
        _kind = kind;
        _cost = new SearchCost(options.Clock);
        _layout = new RowLayout(options.Dimensions, options.Metric, options.BFloat16, options.Links);
        _stage = kind switch
        {
            IndexKind.Quantized => options.OneBit ? IndexStage.Bits : IndexStage.Int8,
            IndexKind.Graph => IndexStage.Graph,
            _ => IndexStage.Exact,
        };
        _rows = File.Exists(options.Path) ? Open(options.Path) : NewRows();
        _live = _rows.CountLive();
        _rows.Died = _rows.Count - _live;
        Equip();
        _view = NewView();
        if (options is { Path: not null, OwnLog: true })
        {
            _log = new WriteLog(options.Path + ".log", options.Dimensions, options.FlushEachWrite);
            try
            {
                _log.Replay(_version, Replay);
            }
            catch
            {
                _log.Dispose();
                throw;
            }

            LinkNew();
            Publish();
        }
    }

    public VectorIndexOptions Options { get; }

    public View View => _view;

    public long Watermark => Interlocked.Read(ref _watermark);

    public void Upsert(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors)
    {
        int dimensions = Options.Dimensions;
        if (vectors.Length != (long)ids.Length * dimensions)
        {
            throw new ArgumentException($"The vectors have {vectors.Length} components; expected {ids.Length} x {dimensions}.", nameof(vectors));
        }

        if (ids.IsEmpty)
        {
            return;
        }

        for (int i = 0; i < ids.Length; i++)
        {
            VectorCheck.Check(vectors.Slice(i * dimensions, dimensions), Options.Metric, nameof(vectors));
        }

        using var row = new RentedFloats(dimensions);
        Interlocked.Increment(ref _waiting);
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                EnsureRoom(ids.Length);
                Write(ids, vectors, row.Span);
                StartBackground();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public bool Delete(long id)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            lock (_gate)
            {
                _turns++;
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_rows.Map.Find(_rows.Chunks, id) < 0)
                {
                    return false;
                }

                _log?.Append(_version + 1, id, []);
                _version++;
                Remove(id);
                Publish();
                StartBackground();
                return true;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public bool TryGet(long id, Span<float> vector)
    {
        if (vector.Length < Options.Dimensions)
        {
            throw new ArgumentException($"There is room for {vector.Length} components; expected {Options.Dimensions}.", nameof(vector));
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int row = _rows.Map.Find(_rows.Chunks, id);
            if (row >= 0)
            {
                RowSet.Read(_layout, _rows.Chunks[row >> RowLayout.ChunkShift], row & (RowLayout.ChunkRows - 1), vector);
            }

            GC.KeepAlive(_rows);

            return row >= 0;
        }
    }

    public VectorIndexStats GetStats()
    {
        lock (_gate)
        {
            long Bytes(params ReadOnlySpan<Part> parts)
            {
                long sum = 0;
                foreach (Part part in parts)
                {
                    sum += _layout.Bytes(part, _rows.Count);
                }

                return sum;
            }

            long codes = (_rows.CodedRows >= 0 ? Bytes(Part.Codes, Part.Scales) : 0) + (_rows.BitRows >= 0 ? Bytes(Part.Bits, Part.BitFactors) : 0);
            long graph = _rows.Graph is null ? 0 : Bytes(Part.Links, Part.Upper) + ((long)_rows.Graph.UpperSlots * _rows.Graph.UpperDegree * sizeof(int));
            return new VectorIndexStats(
                _live, _rows.Count - _live, Bytes(Part.Vectors, Part.Norms), codes, graph, Bytes(Part.Ids, Part.Dead) + _rows.Map.Bytes, _stage.ToString(), _log?.Dropped ?? 0);
        }
    }

    public void Checkpoint(long watermark)
    {
        if (Options.Path is null)
        {
            throw new InvalidOperationException("The index has no path to write a checkpoint to; set VectorIndexOptions.Path.");
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            HnswGraph? graph = _rows.Graph;
            CheckpointFile.Write(Options.Path, _rows, new CheckpointState(
                _version, watermark, _rows.Count, graph?.Linked ?? 0, graph?.View.Entry ?? -1, graph?.View.Level ?? -1, graph?.UpperSlots ?? 0, Options.Seed));
            Interlocked.Exchange(ref _watermark, watermark);
            _log?.Restart();
        }
    }

    public Task CompactAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _background = _background.ContinueWith(_ => Compact(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    public async Task WhenIdleAsync()
    {
        Task current;
        while (true)
        {
            lock (_gate)
            {
                current = _background;
                if (current.IsCompleted)
                {
                    break;
                }
            }

            await current.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await current.ConfigureAwait(false);
    }

    public void Dispose()
    {
        Task background;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            background = _background;
        }

        background.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait();
        _log?.Dispose();
    }

    private RowSet NewRows() => new(_layout, new BitQuantizer(Options.Dimensions, Options.Seed));

    private RowSet Open(string path)
    {
        CheckpointState state = CheckpointFile.Open(path, _layout, Options.BuildExpansion, out RowSet rows);
        (_version, _watermark) = (state.Version, state.Watermark);
        if (_kind is IndexKind.Adaptive)
        {
            _stage = rows.Graph is not null ? IndexStage.Graph : rows.CodedRows >= 0 ? IndexStage.Int8 : IndexStage.Exact;
        }

        return rows;
    }

    /// <summary>Makes what the stage needs and the checkpoint did not have.</summary>
    private void Equip()
    {
        if (_stage is IndexStage.Int8 or IndexStage.Graph)
        {
            _rows.CodedRows = Math.Max(0, _rows.CodedRows);
        }

        if (_stage is IndexStage.Bits)
        {
            _rows.BitRows = Math.Max(0, _rows.BitRows);
        }

        for (int row = 0; row < _rows.Count; row++)
        {
            _rows.Encode(row);
        }

        if (_stage is IndexStage.Graph)
        {
            _rows.Graph ??= new HnswGraph(_rows, Options.BuildExpansion, Options.Seed);
            LinkNew();
        }
    }

    private void Replay(long version, long id, ReadOnlySpan<float> vector)
    {
        _version = version;
        if (vector.IsEmpty)
        {
            Remove(id);
        }
        else
        {
            Put(id, vector);
        }
    }

    /// <summary>Logs, stores and links; what was stored before a failure is published.</summary>
    private void Write(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors, Span<float> row)
    {
        _turns++;
        try
        {
            for (int i = 0; i < ids.Length; i++)
            {
                VectorCheck.Normalize(vectors.Slice(i * row.Length, row.Length), Options.Metric, row);
                _log?.Append(_version + 1, ids[i], row);
                _version++;
                Put(ids[i], row);
            }
        }
        finally
        {
            LinkNew();
            Publish();
        }
    }

    private void Put(long id, ReadOnlySpan<float> vector)
    {
        int old = _rows.Map.Find(_rows.Chunks, id), row = _rows.Append(id, vector);
        Kill(old);
        _rows.Map.Set(_rows.Chunks, id, row);
        _live = _rows.Map.Count;
    }

    private void Remove(long id)
    {
        Kill(_rows.Map.Find(_rows.Chunks, id));
        _rows.Map.Remove(_rows.Chunks, id);
        _live = _rows.Map.Count;
    }

    private unsafe void Kill(int row)
    {
        if (row >= 0)
        {
            Volatile.Write(ref _rows.Chunks[row >> RowLayout.ChunkShift].Dead[row & (RowLayout.ChunkRows - 1)], _version);
            _rows.Died++;
        }
    }

    private void LinkNew()
    {
        if (_rows.Graph is { } graph && graph.Linked < _rows.Count)
        {
            Kernel.Link(graph, _rows.Count, Options.BuildThreads);
        }
    }

    private void Publish() => _view = NewView();

    private View NewView()
    {
        IndexStage stage = _stage is IndexStage.Graph && _rows.Count == 0 ? IndexStage.Int8 : _stage;
        return new View(_rows, _rows.Chunks, _rows.Count, _live, _version, stage, _rows.Graph?.View);
    }

    private void EnsureRoom(int more)
    {
        if (Options.MaxMemoryBytes == long.MaxValue)
        {
            return;
        }

        long needed = GetStats().TotalBytes + ((long)more * BytesPerRow());
        if (needed > Options.MaxMemoryBytes)
        {
            throw new InvalidOperationException(
                $"{more} more vectors need {needed} bytes in all, over the cap of {Options.MaxMemoryBytes}. Delete and compact, or raise VectorIndexOptions.MaxMemoryBytes.");
        }
    }

    private int BytesPerRow()
    {
        int sum = 0;
        foreach (Part part in Enum.GetValues<Part>())
        {
            sum += part switch
            {
                Part.Codes or Part.Scales when _rows.CodedRows < 0 => 0,
                Part.Bits or Part.BitFactors when _rows.BitRows < 0 => 0,
                Part.Links or Part.Upper when _rows.Graph is null => 0,
                _ => _layout.BytesPerRow(part),
            };
        }

        return sum;
    }
}
