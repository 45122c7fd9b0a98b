namespace Providers.Attempts;

/// <summary>Keeps a bounded number of objects for reuse, one of them in a field of its own. Safe for concurrent use.</summary>
internal sealed class Pool<T>(int size)
    where T : class
{
    private readonly T?[] _items = new T?[size];
    private T? _first;

    public T? TryRent()
    {
        T? item = _first;
        if (item is not null && Interlocked.CompareExchange(ref _first, null, item) == item)
        {
            return item;
        }

        T?[] items = _items;
        for (int i = 0; i < items.Length; i++)
        {
            item = items[i];
            if (item is not null && Interlocked.CompareExchange(ref items[i], null, item) == item)
            {
                return item;
            }
        }

        return null;
    }

    /// <returns><see langword="false"/> when the pool is full.</returns>
    public bool Return(T item)
    {
        if (_first is null && Interlocked.CompareExchange(ref _first, item, null) is null)
        {
            return true;
        }

        T?[] items = _items;
        for (int i = 0; i < items.Length; i++)
        {
            if (items[i] is null && Interlocked.CompareExchange(ref items[i], item, null) is null)
            {
                return true;
            }
        }

        return false;
    }
}
