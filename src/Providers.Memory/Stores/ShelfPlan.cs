namespace Providers.Memory;

/// <summary>Decides a whole transaction over a shelf before anything on it is touched.</summary>
internal sealed class ShelfPlan(ScopeShelf shelf, MemoryTransaction transaction, DateTimeOffset now)
{
    private readonly Dictionary<string, bool> _alive = new(StringComparer.Ordinal); // as the operations so far leave it
    private readonly Dictionary<MemoryLink, bool> _links = [];
    private readonly List<Action> _changes = [];
    private readonly List<MemoryRecord?> _after = [];

    public List<MemoryOutcome> Outcomes { get; } = [];

    /// <exception cref="MemoryConflictException">An operation cannot be carried out.</exception>
    /// <exception cref="MemoryValidationException">A vector has other dimensions than its space.</exception>
    public void Decide(MemoryCheck check)
    {
        for (int i = 0; i < transaction.Operations.Count; i++)
        {
            Outcomes.Add(transaction.Operations[i] switch
            {
                MemoryLink link => Link(i, link),
                MemoryUnlink unlink => Unlink(new MemoryLink(unlink.From, unlink.Relation, unlink.To)),
                var operation => Change(i, operation),
            });
        }

        shelf.CheckSpaces(_after, check);
    }

    public void Apply() => _changes.ForEach(static change => change());

    private MemoryOutcome Change(int index, MemoryOperation operation)
    {
        string id = Step.IdOf(operation, now);
        Step step = Step.Decide(index, operation, shelf.Get(id, now), now).WithId(id);
        _after.Add(step.After);
        _alive[id] = step.After is not null;
        if (step.After is { } record)
        {
            _changes.Add(() => shelf.Put(id, record, now, transaction.KeepHistory));
        }
        else
        {
            foreach (MemoryLink link in _links.Keys.Where(l => l.From == id || l.To == id).ToArray())
            {
                _links[link] = false;
            }

            _changes.Add(() => shelf.Remove(id));
        }

        return step.Outcome;
    }

    private MemoryOutcome Link(int index, MemoryLink link)
    {
        foreach (string end in (string[])[link.From, link.To])
        {
            if (!IsAlive(end))
            {
                throw new MemoryConflictException(index, end, null, null);
            }
        }

        _links[link] = true;
        _changes.Add(() => shelf.Link(link, true));
        return new MemoryOutcome(MemoryChange.Linked, link.From, VersionOf(link.From));
    }

    private MemoryOutcome Unlink(MemoryLink link)
    {
        bool there = _links.TryGetValue(link, out bool linked) ? linked : shelf.Links.Contains(link) && IsAlive(link.From) && IsAlive(link.To);
        _links[link] = false;
        _changes.Add(() => shelf.Link(link, false));
        return new MemoryOutcome(there ? MemoryChange.Unlinked : MemoryChange.NotFound, link.From, 0);
    }

    private bool IsAlive(string id) => _alive.TryGetValue(id, out bool alive) ? alive : shelf.Get(id, now) is not null;

    private long VersionOf(string id) => Outcomes.LastOrDefault(o => o.Id == id && o.Version > 0)?.Version ?? shelf.Get(id, now)!.Version;
}
