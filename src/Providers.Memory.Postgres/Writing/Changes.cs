namespace Providers.Memory.Postgres;

/// <summary>Sorts what becomes of memories into statements: new ones, those that are replaced, those whose text and vector stay, and those that go.</summary>
internal sealed class Changes
{
    private readonly Layout _layout;
    private readonly MemoryTransaction _transaction;
    private readonly Situation _situation;
    private readonly RowBatch _new, _replaced, _touched;
    private readonly DateTimeOffset _now;
    private readonly List<(long Row, string Id)> _gone = [];
    private readonly List<string> _forgotten = []; // ids whose history and links go
    private readonly List<MemoryRecord> _history = [];
    private readonly Dictionary<(long Number, int Dimensions), int> _vectors = [];

    public Changes(Layout layout, MemoryTransaction transaction, Situation situation, Terms terms, DateTimeOffset now)
    {
        (_layout, _transaction, _situation, _now) = (layout, transaction, situation, now);
        _new = new RowBatch(layout, terms);
        _replaced = new RowBatch(layout, terms);
        _touched = new RowBatch(layout, terms);
    }

    /// <summary>Gets how many vectors are added, by space.</summary>
    public IReadOnlyDictionary<(long Number, int Dimensions), int> VectorsAdded => _vectors;

    /// <param name="id">The memory.</param>
    /// <param name="after">The memory from now on; <see langword="null"/>: it goes, if it was there.</param>
    public void Add(string id, MemoryRecord? after)
    {
        bool known = _situation.There.TryGetValue(id, out (long Row, MemoryRecord Record) before);
        if (after is null)
        {
            if (known)
            {
                _gone.Add((before.Row, id));
                _forgotten.Add(id);
            }

            return;
        }

        if (known && before.Record.Expires <= _now)
        {
            _forgotten.Add(id); // what has expired is another memory
        }
        else if (known && _transaction.KeepHistory && before.Record.Version != after.Version)
        {
            _history.Add(before.Record);
        }

        (long Number, int Dimensions)? space = after is { Vector: not null, VectorSpace: { } name } ? _situation.Spaces[name] : null;
        bool stays = known && before.Record.Text == after.Text && before.Record.Created == after.Created && before.Record.VectorSpace == after.VectorSpace
            && (after.Vector is not { } vector || vector.Span.SequenceEqual(before.Record.Vector!.Value.Span));
        (known ? stays ? _touched : _replaced : _new).Add(before.Row, after, space?.Number);
        if (space is { } to && !stays)
        {
            _vectors[to] = _vectors.GetValueOrDefault(to) + 1;
        }
    }

    public void Write(Sql sql, IReadOnlyDictionary<MemoryLink, bool> links)
    {
        Removal.Write(sql, _layout, _situation.Scope, [.. _gone.Select(static g => g.Row)], _forgotten);
        if (_touched.Count > 0)
        {
            _touched.Touch(sql, _situation.Scope);
        }

        if (_replaced.Count > 0)
        {
            _replaced.Replace(sql, _situation.Scope);
        }

        if (_new.Count > 0)
        {
            _new.Insert(sql, _situation.Scope, _transaction.Scope.Tenant);
        }

        History.Write(sql, _layout, _situation.Scope, _transaction.Scope.Tenant, _history);
        LinkSql.Write(sql, _layout, _situation.Scope, _transaction.Scope.Tenant, links);
    }
}
