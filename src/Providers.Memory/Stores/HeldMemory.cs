namespace Providers.Memory;

/// <summary>A memory with all that hangs on it.</summary>
/// <param name="Record">The memory.</param>
/// <param name="History">Its earlier versions, oldest first.</param>
/// <param name="Links">Its links to others.</param>
internal sealed record HeldMemory(MemoryRecord Record, IReadOnlyList<MemoryRecord> History, IReadOnlyList<MemoryLink> Links)
{
    /// <summary>Whether nothing has changed since another look.</summary>
    public bool IsAs(HeldMemory before) =>
        ReferenceEquals(Record, before.Record) && History.Count == before.History.Count && (History.Count == 0 || ReferenceEquals(History[^1], before.History[^1])) && Links.SequenceEqual(before.Links);
}

/// <summary>An idempotency key that was used.</summary>
/// <param name="Scope">Its scope.</param>
/// <param name="Key">The key.</param>
/// <param name="Hash">The fingerprint of what it was used for.</param>
/// <param name="Result">What that gave.</param>
/// <param name="Kept">When.</param>
internal sealed record HeldKey(MemoryScope Scope, string Key, string Hash, MemoryTransactionResult Result, DateTimeOffset Kept);
