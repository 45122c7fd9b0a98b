namespace Providers.Memory.Postgres;

/// <summary>Decides a whole transaction, operation by operation, over what was found, before anything is written.</summary>
internal sealed class TransactionPlan(Situation situation, MemoryTransaction transaction, DateTimeOffset now)
{
    private readonly Dictionary<string, MemoryRecord?> _after = new(StringComparer.Ordinal); // as the operations so far leave it

    public List<MemoryOutcome> Outcomes { get; } = [];

    /// <summary>Gets what becomes of each memory that changes; <see langword="null"/>: it is gone.</summary>
    public List<(string Id, MemoryRecord? After)> Memories { get; } = [];

    /// <summary>Gets what becomes of links; those of memories that go are not among them.</summary>
    public Dictionary<MemoryLink, bool> Links { get; } = [];

    /// <param name="ids">The memory each operation is about.</param>
    /// <exception cref="MemoryConflictException">An operation cannot be carried out.</exception>
    public void Decide(IReadOnlyList<string> ids)
    {
        for (int i = 0; i < ids.Count; i++)
        {
            Outcomes.Add(transaction.Operations[i] switch
            {
                MemoryLink link => Link(i, link),
                MemoryUnlink unlink => Unlink(new MemoryLink(unlink.From, unlink.Relation, unlink.To)),
                var operation => Change(i, ids[i], operation),
            });
        }
    }

    private MemoryOutcome Change(int index, string id, MemoryOperation operation)
    {
        Step step = Step.Decide(index, operation, Now(id), now).WithId(id);
        _after[id] = step.After;
        Memories.Add((id, step.After));
        if (step.After is null)
        {
            foreach (MemoryLink link in Links.Keys.Where(l => l.From == id || l.To == id).ToArray())
            {
                Links[link] = false;
            }
        }

        return step.Outcome;
    }

    private MemoryOutcome Link(int index, MemoryLink link)
    {
        foreach (string end in (string[])[link.From, link.To])
        {
            if (Now(end) is null)
            {
                throw new MemoryConflictException(index, end, null, null);
            }
        }

        Links[link] = true;
        return new MemoryOutcome(MemoryChange.Linked, link.From, Now(link.From)!.Version);
    }

    private MemoryOutcome Unlink(MemoryLink link)
    {
        bool there = Links.TryGetValue(link, out bool linked) ? linked : situation.Links.Contains(link) && Now(link.From) is not null && Now(link.To) is not null;
        Links[link] = false;
        return new MemoryOutcome(there ? MemoryChange.Unlinked : MemoryChange.NotFound, link.From, 0);
    }

    private MemoryRecord? Now(string id) => _after.TryGetValue(id, out MemoryRecord? after) ? after : situation.Alive(id, now);
}
