using System.Collections.Concurrent;

namespace Providers.VectorData;

/// <summary>
/// The records of one collection. One writer at a time; readers take the table of a moment by one volatile read.
/// A batch is in the log, in the indexes, and visible to searches wholly or not at all.
/// </summary>
internal sealed partial class CollectionData : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<object, Row> _byKey = new();
    private readonly Stack<int> _freeSlots = new();
    private readonly ReaderWriterLockSlim _texts = new();
    private volatile RowTable _rows = RowTable.Empty;
    private volatile CollectionSchema _schema;
    private volatile VectorColumn[] _columns = [];
    private volatile TextColumn?[] _textColumns = [];
    private long _sequence;
    private uint _birth;
    private int _nextSlot;
    private bool _closed;

    public CollectionSchema Schema => _schema;

    public RowTable Rows => _rows;

    public VectorColumn Column(int index) => _columns[index];

    public Row? Find(object key) => _byKey.GetValueOrDefault(key);

    /// <summary>Makes room for what a definition names beyond what is stored.</summary>
    /// <exception cref="InvalidOperationException">The definition contradicts what is stored.</exception>
    public void Extend(Func<CollectionSchema, CollectionSchema> grow)
    {
        if (grow(_schema) == _schema)
        {
            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            CollectionSchema wider = grow(_schema);
            LogSchema(wider);
            Adopt(wider);
        }
    }

    public void Upsert(IReadOnlyList<Draft> drafts)
    {
        // Of equal keys the last wins, as if they had come one after another.
        Draft[] last = [.. drafts.Reverse().DistinctBy(static d => d.Key).Reverse()];
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var added = new Row[last.Length];
            var gone = new List<Row>();
            for (int i = 0; i < last.Length; i++)
            {
                int slot = _freeSlots.TryPop(out int free) ? free : _nextSlot++;
                added[i] = new Row(Row.MakeId(slot, ++_birth), last[i].Key, last[i].Data, last[i].Vectors) { Sequence = _sequence + 1 };
                if (_byKey.TryGetValue(last[i].Key, out Row? old))
                {
                    gone.Add(old);
                }
            }

            Write(added, gone, []);
        }
    }

    /// <summary>Removes records; keys that are not there are none.</summary>
    public void Delete(IEnumerable<object> keys)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            Row[] gone = [.. keys.Distinct().Select(Find).OfType<Row>()];
            if (gone.Length > 0)
            {
                Write([], gone, gone);
            }
        }
    }

    /// <summary>Ranks rows by the words of one text property, best first, as they are at one moment.</summary>
    public List<VectorHit> SearchText(int field, IEnumerable<string> words, int top, IPredicate? filter)
    {
        _texts.EnterReadLock();
        try
        {
            RowTable rows = _rows;
            return [.. _textColumns[field]!.Score(words)
                .Select(s => new VectorHit(rows.Find(s.Key)!, s.Value))
                .Where(h => filter?.Matches(h.Row, null) != false)
                .OrderByDescending(static h => h.Score).ThenBy(static h => h.Row.Id)
                .Take(top)];
        }
        finally
        {
            _texts.ExitReadLock();
        }
    }

    /// <summary>Indexes first (nobody looks for the new ids yet), then the log, then everybody may see it.</summary>
    private void Write(Row[] added, IReadOnlyList<Row> gone, IReadOnlyList<Row> deleted)
    {
        VectorColumn[] columns = _columns;
        try
        {
            for (int i = 0; i < columns.Length; i++)
            {
                columns[i].Insert(added, i);
            }

            LogBatch(added, deleted);
        }
        catch
        {
            for (int i = 0; i < columns.Length; i++)
            {
                columns[i].Remove(added, i);
            }

            foreach (Row row in added)
            {
                _freeSlots.Push(row.Slot);
            }

            throw;
        }

        _sequence++;
        Show(added, gone);
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i].Remove(gone, i);
        }

        foreach (Row row in gone)
        {
            _freeSlots.Push(row.Slot);
            _liveBytes -= row.LogBytes;
        }

        Untroubled(() => Tidy(added.Length + gone.Count));
    }

    private void Show(Row[] added, IReadOnlyList<Row> gone)
    {
        _texts.EnterWriteLock();
        try
        {
            TextColumn?[] texts = _textColumns;
            for (int i = 0; i < texts.Length; i++)
            {
                if (texts[i] is { } text)
                {
                    Index(text, i, added, gone);
                }
            }

            foreach (Row row in added)
            {
                _byKey[row.Key] = row;
            }

            // Only where it is still the old version: a record that is replaced is there all the time.
            foreach (Row row in gone)
            {
                _byKey.TryRemove(KeyValuePair.Create(row.Key, row));
            }

            _rows = _rows.With(gone, added);
        }
        finally
        {
            _texts.ExitWriteLock();
        }
    }

    private static void Index(TextColumn text, int field, IEnumerable<Row> added, IEnumerable<Row> gone)
    {
        foreach (Row row in gone)
        {
            if (row.Value(field) is string words)
            {
                text.Remove(row.Id, words);
            }
        }

        foreach (Row row in added)
        {
            if (row.Value(field) is string words)
            {
                text.Add(row.Id, words);
            }
        }
    }

    /// <summary>Takes a schema on: the indexes first, for whoever sees the schema uses them.</summary>
    private void Adopt(CollectionSchema schema)
    {
        VectorColumn[] columns = [.. _columns];
        for (int i = columns.Length; i < schema.Vectors.Count; i++)
        {
            columns = [.. columns, new VectorColumn(schema.Vectors[i], IndexPath(i))];
        }

        TextColumn?[] texts = [.. _textColumns, .. new TextColumn?[schema.Data.Count - _textColumns.Length]];
        for (int i = 0; i < texts.Length; i++)
        {
            if (schema.Data[i].IsText && texts[i] is null)
            {
                texts[i] = new TextColumn();
                Index(texts[i]!, i, _rows.Rows(), []);
            }
        }

        (_columns, _textColumns, _schema) = (columns, texts, schema);
    }
}
