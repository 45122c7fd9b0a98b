namespace Providers.Memory;

/// <summary>Decides a whole transaction, operation by operation, over what a store holds, before anything is written.</summary>
/// <param name="alive">A memory as it is; <see langword="null"/>: there is none, or it has expired.</param>
/// <param name="linked">Whether a link is there.</param>
/// <param name="transaction">The transaction, validated.</param>
/// <param name="now">The time of the change.</param>
internal sealed class TransactionPlan(Func<string, MemoryRecord?> alive, Func<MemoryLink, bool> linked, MemoryTransaction transaction, DateTimeOffset now)
{
    private readonly Dictionary<string, MemoryRecord?> _after = new(StringComparer.Ordinal); // as the operations so far leave it

    public List<MemoryOutcome> Outcomes { get; } = [];

    /// <summary>Gets what becomes of each memory that changes; <see langword="null"/>: it is gone.</summary>
    public List<(string Id, MemoryRecord? After)> Memories { get; } = [];

    /// <summary>Gets what becomes of links; those of memories that go are not among them.</summary>
    public Dictionary<MemoryLink, bool> Links { get; } = [];

    /// <summary>The memory each operation is about; a new id for one without, and the origin of a link.</summary>
    public static string[] IdsOf(MemoryTransaction transaction, DateTimeOffset now) =>
        [.. transaction.Operations.Select(o => o switch { MemoryLink link => link.From, MemoryUnlink link => link.From, _ => Step.IdOf(o, now) })];

    /// <summary>Decides all operations in their order.</summary>
    /// <param name="ids">The memory each operation is about (<see cref="IdsOf"/>).</param>
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
        bool there = Links.TryGetValue(link, out bool decided) ? decided : linked(link) && Now(link.From) is not null && Now(link.To) is not null;
        Links[link] = false;
        return new MemoryOutcome(there ? MemoryChange.Unlinked : MemoryChange.NotFound, link.From, 0);
    }

    private MemoryRecord? Now(string id) => _after.TryGetValue(id, out MemoryRecord? after) ? after : alive(id);
}
