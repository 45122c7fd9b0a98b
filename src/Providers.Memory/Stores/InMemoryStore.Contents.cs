namespace Providers.Memory;

/// <summary>What the store holds, for one that keeps it elsewhere as well.</summary>
public sealed partial class InMemoryStore
{
    /// <summary>Creates an empty store that is to be filled.</summary>
    /// <param name="limits">How large things may be.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cursorKey">What cursors are signed with, so that they outlive the process.</param>
    internal InMemoryStore(MemoryLimits limits, TimeProvider clock, byte[] cursorKey) => (_limits, _clock, _cursors) = (limits, clock, new CursorCodec(cursorKey));

    /// <summary>Gets the keys that were used.</summary>
    internal IReadOnlyList<HeldKey> Keys
    {
        get
        {
            lock (_gate)
            {
                return [.. _keys.Select(static k => new HeldKey(k.Key.Scope, k.Key.Key, k.Value.Hash, k.Value.Result, k.Value.Kept))];
            }
        }
    }

    /// <summary>Memories, expired ones too, with all that hangs on them.</summary>
    /// <param name="scope">The scope; <see langword="null"/>: all.</param>
    /// <param name="ids">Those that are wanted, and with them those that link to them; <see langword="null"/>: all.</param>
    internal Dictionary<(MemoryScope Scope, string Id), HeldMemory> Contents(MemoryScope? scope, IReadOnlySet<string>? ids)
    {
        lock (_gate)
        {
            Dictionary<(MemoryScope, string), HeldMemory> all = [];
            foreach ((MemoryScope at, ScopeShelf shelf) in _scopes.Where(s => scope is null || s.Key == scope))
            {
                ILookup<string, MemoryLink> links = shelf.Links.ToLookup(static l => l.From, StringComparer.Ordinal);
                IEnumerable<string>? wanted = ids?.Concat(shelf.Links.Where(l => ids.Contains(l.To)).Select(static l => l.From));
                foreach (MemoryRecord record in wanted is null ? shelf.All : wanted.Select(id => shelf.Get(id, DateTimeOffset.MinValue)).OfType<MemoryRecord>())
                {
                    all[(at, record.Id)] = new HeldMemory(record, [.. shelf.History(record.Id)], [.. links[record.Id]]);
                }
            }

            return all;
        }
    }

    /// <summary>Puts a memory back as it was.</summary>
    internal void Restore(MemoryScope scope, HeldMemory memory)
    {
        lock (_gate)
        {
            if (!_scopes.TryGetValue(scope, out ScopeShelf? shelf))
            {
                _scopes[scope] = shelf = new ScopeShelf();
            }

            shelf.Restore(memory);
        }
    }

    /// <summary>Puts a key back.</summary>
    internal void Restore(HeldKey key)
    {
        lock (_gate)
        {
            _keys[(key.Scope, key.Key)] = (key.Hash, key.Result, key.Kept);
        }
    }
}
