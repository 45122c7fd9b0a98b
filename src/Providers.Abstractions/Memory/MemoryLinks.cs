namespace Providers.Memory;

/// <summary>How one memory stands to another.</summary>
public enum MemoryRelation
{
    /// <summary>It is about the same, no more is said.</summary>
    RelatedTo,

    /// <summary>It mentions the other.</summary>
    References,

    /// <summary>It adds to the other.</summary>
    Extends,

    /// <summary>It says the opposite of the other.</summary>
    Contradicts,

    /// <summary>It is a reason to believe the other.</summary>
    Supports,

    /// <summary>It comes before the other.</summary>
    Precedes,

    /// <summary>It comes after the other.</summary>
    Follows,
}

/// <summary>Links a memory to another of the same scope. It makes no new version of either; a link that is there already stays.</summary>
/// <param name="From">The memory the link begins at. It must exist, active or archived; it may be stored earlier in the same transaction.</param>
/// <param name="Relation">How it stands to the other.</param>
/// <param name="To">The other memory, which must exist too and be another one.</param>
public sealed record MemoryLink(string From, MemoryRelation Relation, string To) : MemoryOperation;

/// <summary>Takes a link away; one that is not there is no failure.</summary>
/// <param name="From">The memory the link begins at.</param>
/// <param name="Relation">How it stands to the other.</param>
/// <param name="To">The other memory.</param>
public sealed record MemoryUnlink(string From, MemoryRelation Relation, string To) : MemoryOperation;

/// <summary>A link that was found. Links go when either of their memories is deleted, purged or erased.</summary>
/// <param name="From">The memory it begins at.</param>
/// <param name="Relation">How it stands to the other.</param>
/// <param name="To">The other memory.</param>
/// <param name="Depth">How many links away from the start, from 1: itself counted, by the shortest way.</param>
public sealed record MemoryEdge(string From, MemoryRelation Relation, string To, int Depth);

/// <summary>Which way links are followed.</summary>
public enum MemoryLinkDirection
{
    /// <summary>Both ways.</summary>
    Both,

    /// <summary>From the memory they begin at to the other.</summary>
    Outgoing,

    /// <summary>From the other to the memory they begin at.</summary>
    Incoming,
}

/// <summary>Which links are followed, and how far.</summary>
public sealed record MemoryRelatedOptions
{
    /// <summary>Gets the relations that are followed; empty (the default): all.</summary>
    public IReadOnlyList<MemoryRelation> Relations { get; init; } = [];

    /// <summary>Gets which way they are followed.</summary>
    /// <value>Default: <see cref="MemoryLinkDirection.Both"/>.</value>
    public MemoryLinkDirection Direction { get; init; }

    /// <summary>Gets how many links away at most.</summary>
    /// <value>1 to 10. Default: 1.</value>
    public int Depth { get; init; } = 1;

    /// <summary>Gets how many links at most.</summary>
    /// <value>1 to 100,000. Default: 200.</value>
    public int Limit { get; init; } = 200;
}
