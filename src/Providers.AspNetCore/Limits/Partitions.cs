using System.Collections.Concurrent;

namespace Providers.AspNetCore.Limits;

/// <summary>One object per key or tenant, of a bounded number: idle ones make room, and beyond that newcomers share one.</summary>
internal sealed class Partitions<T>(int most, Func<T> create, Func<T, bool> isIdle)
    where T : class
{
    private readonly ConcurrentDictionary<string, T> _items = new(StringComparer.Ordinal);
    private readonly Lock _sweeping = new();
    private readonly T _shared = create();

    public int Count => _items.Count;

    public T Get(string name)
    {
        if (_items.TryGetValue(name, out T? item))
        {
            return item;
        }

        if (_items.Count >= most)
        {
            Sweep();
            if (_items.Count >= most)
            {
                return _shared;
            }
        }

        return _items.GetOrAdd(name, static (_, make) => make(), create);
    }

    private void Sweep()
    {
        lock (_sweeping)
        {
            if (_items.Count < most)
            {
                return;
            }

            foreach (KeyValuePair<string, T> entry in _items)
            {
                if (isIdle(entry.Value))
                {
                    _items.TryRemove(entry);
                }
            }
        }
    }
}
