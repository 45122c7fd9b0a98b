using System.Numerics;
using Providers.Vectors;

namespace Providers.VectorData;

/// <summary>The rows of one moment that a search may return, one bit per place in the table.</summary>
internal sealed class RowBitmap
{
    private readonly ulong[] _words;
    private readonly RowTable _rows;

    private RowBitmap(RowTable rows, ulong[] words) => (_rows, _words) = (rows, words);

    public int Count { get; private init; }

    public static RowBitmap Create(RowTable rows, int column, IPredicate filter)
    {
        var words = new ulong[(rows.Slots + 63) >> 6];
        foreach (Row row in rows.Rows())
        {
            if (row.Vector(column) is not null && filter.Matches(row, null))
            {
                words[row.Slot >> 6] |= 1UL << (row.Slot & 63);
            }
        }

        return new RowBitmap(rows, words) { Count = words.Sum(static w => BitOperations.PopCount(w)) };
    }

    /// <summary>Newer rows may have taken a place: the id tells.</summary>
    public bool Contains(long id)
    {
        int slot = (int)(id & uint.MaxValue);
        return slot < _rows.Slots && (_words[slot >> 6] >> (slot & 63) & 1) != 0 && _rows.Find(id) is not null;
    }

    public VectorFilter ToFilter() => VectorFilter.FromPredicate(Contains);
}
