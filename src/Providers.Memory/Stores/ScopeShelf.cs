namespace Providers.Memory;

/// <summary>One scope of the in-memory store: its rows, words, vectors, history and links. Not safe for concurrent use.</summary>
internal sealed class ScopeShelf : IDisposable
{
    public const int Versions = 100;
    private readonly Dictionary<string, long> _rowOf = new(StringComparer.Ordinal);
    private readonly Dictionary<long, MemoryRecord> _records = [];
    private readonly Dictionary<string, VectorShelf> _spaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<MemoryRecord>> _history = new(StringComparer.Ordinal);
    private readonly HashSet<MemoryLink> _links = [];
    private readonly Bm25Index _words = new();
    private static readonly RecallCanary s_canary = new(InMemoryStore.Kind);
    private long _next = 1;

    public IReadOnlySet<MemoryLink> Links => _links;

    public MemoryRecord? Get(string id, DateTimeOffset now) => _rowOf.TryGetValue(id, out long row) && !(_records[row].Expires <= now) ? _records[row] : null;

    public IEnumerable<MemoryRecord> All => _records.Values;

    public IEnumerable<MemoryRecord> Alive(DateTimeOffset now) => _records.Values.Where(r => !(r.Expires <= now));

    /// <summary>The earlier versions of a memory, oldest first.</summary>
    public IReadOnlyList<MemoryRecord> History(string id) => _history.GetValueOrDefault(id) ?? [];

    /// <exception cref="MemoryValidationException">A vector has other dimensions than its space.</exception>
    public void CheckSpaces(IEnumerable<MemoryRecord?> records, MemoryCheck check)
    {
        Dictionary<string, int> dimensions = _spaces.ToDictionary(static s => s.Key, static s => s.Value.Dimensions);
        foreach (MemoryRecord? record in records)
        {
            if (record is not { Vector: { } vector, VectorSpace: { } space })
            {
                continue;
            }

            if (!dimensions.TryAdd(space, vector.Length) && dimensions[space] != vector.Length)
            {
                check.Error($"vector: has {vector.Length} dimensions; the space '{space}' has {dimensions[space]}.");
            }
        }

        check.Throw();
    }

    /// <summary>Puts a memory in the place of the one with its id.</summary>
    public void Put(string id, MemoryRecord record, DateTimeOffset now, bool keepHistory)
    {
        if (Unindex(id) is { } before)
        {
            if (before.Expires <= now)
            {
                Forget(id); // what has expired is another memory
            }
            else if (keepHistory && before.Version != record.Version)
            {
                List<MemoryRecord> versions = _history.TryGetValue(id, out List<MemoryRecord>? kept) ? kept : _history[id] = [];
                versions.Add(before with { Vector = null, VectorSpace = null });
                versions.RemoveRange(0, Math.Max(0, versions.Count - Versions));
            }
        }

        long row = _next++;
        _rowOf[id] = row;
        _records[row] = record;
        _words.Add(row, record.Text);
        if (record is { Vector: { } vector, VectorSpace: { } to })
        {
            if (!_spaces.TryGetValue(to, out VectorShelf? shelf))
            {
                _spaces[to] = shelf = new VectorShelf(vector.Length, null, s_canary);
            }

            shelf.Set(row, vector.Span);
        }
    }

    /// <summary>Puts a memory back with its history and its links to others, which may come later.</summary>
    public void Restore(HeldMemory memory)
    {
        Put(memory.Record.Id, memory.Record, DateTimeOffset.MinValue, keepHistory: false);
        if (memory.History.Count > 0)
        {
            _history[memory.Record.Id] = [.. memory.History];
        }

        _links.UnionWith(memory.Links);
    }

    /// <summary>Removes a memory, its history and its links.</summary>
    public void Remove(string id)
    {
        Unindex(id);
        Forget(id);
    }

    public void Link(MemoryLink link, bool there) => _ = there ? _links.Add(link) : _links.Remove(link);

    public IReadOnlyList<MemoryMatch> Search(MemoryQuery query, DateTimeOffset now, MemoryCheck check)
    {
        bool Passes(MemoryRecord record) => !(record.Expires <= now) && query.Filter.Passes(record);
        int candidates = Fusion.Candidates(query.Top);
        List<(long, double)>? byVector = null, byWords = null;
        if (query.Mode is not MemorySearchMode.Keyword && query is { Vector: { } vector, VectorSpace: { } space })
        {
            byVector = [];
            if (_spaces.TryGetValue(space, out VectorShelf? shelf))
            {
                if (shelf.Dimensions != vector.Length)
                {
                    check.Error($"vector: has {vector.Length} dimensions; the space '{space}' has {shelf.Dimensions}.").Throw();
                }

                bool all = query.Filter is null && _records.Values.All(Passes);
                byVector = shelf.Search(vector.Span, candidates, all ? null : [.. _records.Where(r => Passes(r.Value)).Select(static r => r.Key)]);
            }
        }

        if (query.Mode is not MemorySearchMode.Semantic && !string.IsNullOrWhiteSpace(query.Text))
        {
            byWords = _words.Search(query.Text, candidates, row => Passes(_records[row]));
        }

        return [.. Fusion.Fuse(byVector, byWords).Where(f => f.Score >= query.MinScore).Take(query.Top)
            .Select(f => new MemoryMatch(_records[f.Row], f.Score) { VectorScore = f.VectorScore, KeywordScore = f.KeywordScore })];
    }

    public void Dispose()
    {
        foreach (VectorShelf shelf in _spaces.Values)
        {
            shelf.Dispose();
        }
    }

    private MemoryRecord? Unindex(string id)
    {
        if (!_rowOf.Remove(id, out long row) || !_records.Remove(row, out MemoryRecord? before))
        {
            return null;
        }

        _words.Remove(row, before.Text);
        if (before.VectorSpace is { } space)
        {
            _spaces[space].Remove(row);
        }

        return before;
    }

    private void Forget(string id)
    {
        _history.Remove(id);
        _links.RemoveWhere(l => l.From == id || l.To == id);
    }
}
