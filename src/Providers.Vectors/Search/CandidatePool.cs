using System.Runtime.CompilerServices;

namespace Providers.Vectors;

/// <summary>The best rows so far, ascending by distance, as one sorted array of (distance, row) keys: no second heap.</summary>
internal struct CandidatePool
{
    private long[] _keys;
    private int _capacity;

    public int Count { get; private set; }

    /// <summary>Gets the distance a row must beat to enter.</summary>
    public float Bound { get; private set; }

    public void Reset(int capacity)
    {
        if (_keys is null || _keys.Length < capacity)
        {
            _keys = new long[Math.Max(capacity, 64)];
        }

        _capacity = capacity;
        Count = 0;
        Bound = float.PositiveInfinity;
    }

    public readonly int Row(int index) => (int)((uint)_keys[index] >> 1);

    /// <summary>Whether a candidate came with a mark.</summary>
    public readonly bool Flag(int index) => (_keys[index] & 1) != 0;

    public readonly float Distance(int index) => FromSortable((int)(_keys[index] >> 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float distance, int row)
    {
        if (distance < Bound)
        {
            Insert(Key(distance, row, false));
        }
    }

    public void Insert(long key)
    {
        int position = Find(key);
        if (Count < _capacity)
        {
            Count++;
        }

        _keys.AsSpan(position, Count - position - 1).CopyTo(_keys.AsSpan(position + 1));
        _keys[position] = key;
        if (Count == _capacity)
        {
            Bound = Distance(Count - 1);
        }
    }

    public static long Key(float distance, int row, bool flag) =>
        ((long)Sortable(distance) << 32) | ((uint)row << 1) | (flag ? 1u : 0u);

    public static int Sortable(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        return bits ^ ((bits >> 31) & int.MaxValue);
    }

    public static float FromSortable(int value) => BitConverter.Int32BitsToSingle(value ^ ((value >> 31) & int.MaxValue));

    private readonly int Find(long key)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_keys[middle] < key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
