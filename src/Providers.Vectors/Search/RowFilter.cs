using System.Numerics;

namespace Providers.Vectors;

/// <summary>The rows of one row set that a filter lets pass, at most; deleted rows among them are dropped while searching.</summary>
internal sealed class RowFilter(RowSet rows, ulong[] words, int covered, int cardinality)
{
    public RowSet Rows { get; } = rows;

    /// <summary>Gets one bit per row.</summary>
    public ulong[] Words { get; } = words;

    /// <summary>Gets how many rows have been looked at.</summary>
    public int Covered { get; } = covered;

    public int Cardinality { get; } = cardinality;

    public bool Passes(int row) => (Words[row >> 6] >> (row & 63) & 1) != 0;

    /// <summary>Lists the offsets, within the chunk that starts at a row, of the rows that pass.</summary>
    public int List(int start, int rows, Span<int> offsets)
    {
        int count = 0;
        for (int at = 0; at < rows; at += 64)
        {
            ulong bits = Words[(start + at) >> 6];
            if (rows - at < 64)
            {
                bits &= (1UL << (rows - at)) - 1;
            }

            for (; bits != 0; bits &= bits - 1)
            {
                offsets[count++] = at + BitOperations.TrailingZeroCount(bits);
            }
        }

        return count;
    }

    public static RowFilter Create(View view, Func<long, bool> contains, RowFilter? before)
    {
        var words = new ulong[(view.Count + 63) >> 6];
        int from = 0, cardinality = 0;
        if (before is not null && before.Rows == view.Rows && before.Covered <= view.Count)
        {
            before.Words.CopyTo(words, 0);
            (from, cardinality) = (before.Covered, before.Cardinality);
        }

        for (int row = from; row < view.Count; row++)
        {
            if (contains(RowSet.IdOf(view.Chunks, row)))
            {
                words[row >> 6] |= 1UL << (row & 63);
                cardinality++;
            }
        }

        GC.KeepAlive(view);
        return new RowFilter(view.Rows, words, view.Count, cardinality);
    }
}
