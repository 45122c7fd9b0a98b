namespace Providers.Selection;

/// <summary>A set of a route's targets by index; the first 64 without allocation.</summary>
internal struct TargetSet
{
    private ulong _bits;
    private ulong[]? _more;

    public readonly bool Contains(int index)
    {
        if (index < 64)
        {
            return (_bits & (1UL << index)) != 0;
        }

        int word = (index >> 6) - 1;
        return _more is not null && word < _more.Length && (_more[word] & (1UL << (index & 63))) != 0;
    }

    public void Add(int index)
    {
        if (index < 64)
        {
            _bits |= 1UL << index;
            return;
        }

        int word = (index >> 6) - 1;
        if (_more is null || word >= _more.Length)
        {
            Array.Resize(ref _more, word + 1);
        }

        _more[word] |= 1UL << (index & 63);
    }

    public void Remove(int index)
    {
        if (index < 64)
        {
            _bits &= ~(1UL << index);
        }
        else if (Contains(index))
        {
            _more![(index >> 6) - 1] &= ~(1UL << (index & 63));
        }
    }

    public void Clear()
    {
        _bits = 0;
        _more?.AsSpan().Clear();
    }
}
