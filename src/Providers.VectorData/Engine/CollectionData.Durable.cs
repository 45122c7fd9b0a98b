namespace Providers.VectorData;

/// <summary>The half that reaches the disk: opening, logging, checkpoints, and compaction of the log.</summary>
internal sealed partial class CollectionData
{
    private const int RowsPerFrame = 256;
    private readonly string? _folder;
    private readonly StorageSettings _settings;
    private RecordLog? _log;
    private long _liveBytes;
    private int _sinceCheckpoint;

    private CollectionData(CollectionSchema schema, string? folder, StorageSettings settings) => (_schema, _folder, _settings) = (schema, folder, settings);

    /// <summary>Gets the bytes of a torn write dropped from the end of the log at opening.</summary>
    public long DroppedLogBytes => _log?.Dropped ?? 0;

    public static string LogPath(string folder) => Path.Combine(folder, "records.log");

    /// <summary>Makes an empty collection, in a folder or in memory.</summary>
    public static CollectionData Create(CollectionSchema schema, string? folder, StorageSettings settings)
    {
        var data = new CollectionData(schema with { Data = [], Vectors = [] }, folder, settings);
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            data._log = RecordLog.Create(LogPath(folder), write => write(data.SchemaPayload(schema)), settings.FlushToDisk);
            Vectors.DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        }

        data.Adopt(schema);
        return data;
    }

    /// <summary>Opens the collection in a folder.</summary>
    /// <exception cref="RecordLogCorruptException">Its log is damaged before the end.</exception>
    public static CollectionData Open(string folder, StorageSettings settings)
    {
        var replay = new LogReplay();
        RecordLog log = RecordLog.Open(LogPath(folder), replay.Read, settings.FlushToDisk);
        if (replay.Schema is not { } schema)
        {
            log.Dispose();
            throw new RecordLogCorruptException(LogPath(folder), 0, $"'{LogPath(folder)}' ends before it says what its records are like. Put a copy in its place, or delete the collection's folder.");
        }

        var data = new CollectionData(schema with { Data = [], Vectors = [] }, folder, settings)
        {
            _log = log,
            _sequence = replay.Sequence,
            _birth = replay.Birth,
            _liveBytes = replay.Rows.Values.Sum(static r => r.LogBytes),
        };
        data.Fill([.. replay.Rows.Values]);
        data.Adopt(schema);
        for (int i = 0; i < data._columns.Length; i++)
        {
            data._columns[i].CatchUp(data._rows, i, replay);
        }

        return data;
    }

    /// <summary>Closes the collection; what is dirty is checkpointed first.</summary>
    public void Dispose() => Close(checkpoint: true);

    public void Close(bool checkpoint)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            if (checkpoint && _log is not null)
            {
                Untroubled(Checkpoint);
            }

            foreach (VectorColumn column in _columns)
            {
                column.Dispose();
            }

            _log?.Dispose();
        }
    }

    private string? IndexPath(int column) => _folder is null ? null : Path.Combine(_folder, $"{column}.vectors");

    private void Fill(Row[] rows)
    {
        foreach (Row row in rows)
        {
            _byKey[row.Key] = row;
            _nextSlot = Math.Max(_nextSlot, row.Slot + 1);
        }

        var taken = rows.Select(static r => r.Slot).ToHashSet();
        for (int slot = _nextSlot - 1; slot >= 0; slot--)
        {
            if (!taken.Contains(slot))
            {
                _freeSlots.Push(slot);
            }
        }

        _rows = RowTable.Empty.With([], rows);
    }

    private byte[] SchemaPayload(CollectionSchema schema)
    {
        using var payload = new MemoryStream();
        using var writer = new BinaryWriter(payload);
        RecordFormat.WriteSchema(writer, schema, _sequence, _birth);
        return payload.ToArray();
    }

    private void LogSchema(CollectionSchema schema) => _log?.Append(SchemaPayload(schema));

    private void LogBatch(Row[] added, IReadOnlyList<Row> deleted)
    {
        if (_log is null)
        {
            return;
        }

        _log.Append(BatchPayload(added, deleted, _sequence + 1));
        _liveBytes += added.Sum(static r => r.LogBytes);
    }

    private byte[] BatchPayload(Row[] added, IReadOnlyList<Row> deleted, long sequence)
    {
        CollectionSchema schema = _schema;
        using var payload = new MemoryStream();
        using var writer = new BinaryWriter(payload);
        writer.Write(RecordFormat.BatchFrame);
        writer.Write(sequence);
        writer.Write7BitEncodedInt(added.Length + deleted.Count);
        foreach (Row row in added)
        {
            long before = payload.Position;
            RecordFormat.WritePut(writer, schema, row);
            row.LogBytes = payload.Position - before;
        }

        foreach (Row row in deleted)
        {
            writer.Write(RecordFormat.Delete);
            schema.Key.Write(writer, row.Key);
        }

        return payload.ToArray();
    }

    /// <summary>After a write: a new checkpoint when much has changed, a new log when half of it is dead.</summary>
    private void Tidy(int written)
    {
        if (_log is null)
        {
            return;
        }

        _sinceCheckpoint += written;
        if (_log.Length >= _settings.CompactFrom && _log.Length > 2 * _liveBytes)
        {
            Compact();
        }
        else if (_sinceCheckpoint >= Math.Max(_settings.CheckpointEvery, _rows.Count / 4))
        {
            Checkpoint();
        }
    }

    /// <summary>Does what the log does not depend on: it has every write, so that one which was made does not fail for it, and it is tried again.</summary>
    private static void Untroubled(Action tidy)
    {
        try
        {
            tidy();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is full, or something stands in the way of a file.
        }
    }

    private void Checkpoint()
    {
        foreach (VectorColumn column in _columns)
        {
            column.Checkpoint(_sequence);
        }

        _sinceCheckpoint = 0;
    }

    /// <summary>Checkpoints first: a checkpoint older than the log could not tell which of its rows have died.</summary>
    private void Compact()
    {
        Checkpoint();
        _log!.Rewrite(write =>
        {
            write(SchemaPayload(_schema));
            foreach (Row[] rows in _rows.Rows().Chunk(RowsPerFrame))
            {
                write(BatchPayload(rows, [], _sequence));
            }
        });
        _liveBytes = _rows.Rows().Sum(static r => r.LogBytes);
    }
}
