namespace Providers.VectorData;

/// <summary>All rows at one moment. Readers keep it as long as they like; the writer copies what it changes.</summary>
internal sealed class RowTable
{
    public const int ChunkShift = 8;
    private const int ChunkRows = 1 << ChunkShift;
    private readonly Row?[][] _chunks;
    private readonly int[] _vectorCounts;

    private RowTable(Row?[][] chunks, int count, int[] vectorCounts) => (_chunks, Count, _vectorCounts) = (chunks, count, vectorCounts);

    public static RowTable Empty { get; } = new([], 0, []);

    public int Count { get; }

    public int Slots => _chunks.Length << ChunkShift;

    /// <summary>How many rows have a vector for a property.</summary>
    public int VectorCount(int column) => column < _vectorCounts.Length ? _vectorCounts[column] : 0;

    /// <summary>The row with this very id, or null when it is of another moment.</summary>
    public Row? Find(long id)
    {
        int slot = (int)(id & uint.MaxValue);
        Row? row = slot < Slots ? _chunks[slot >> ChunkShift][slot & (ChunkRows - 1)] : null;
        return row?.Id == id ? row : null;
    }

    public IEnumerable<Row> Rows()
    {
        foreach (Row?[] chunk in _chunks)
        {
            foreach (Row? row in chunk)
            {
                if (row is not null)
                {
                    yield return row;
                }
            }
        }
    }

    /// <summary>The table with some rows gone and others in.</summary>
    public RowTable With(IReadOnlyCollection<Row> gone, IReadOnlyCollection<Row> added)
    {
        int slots = Slots;
        foreach (Row row in added)
        {
            slots = Math.Max(slots, row.Slot + 1);
        }

        var chunks = new Row?[(slots + ChunkRows - 1) >> ChunkShift][];
        _chunks.CopyTo(chunks, 0);
        for (int i = _chunks.Length; i < chunks.Length; i++)
        {
            chunks[i] = new Row?[ChunkRows];
        }

        var counts = new List<int>(_vectorCounts);
        foreach (Row row in gone)
        {
            Chunk(chunks, row.Slot)[row.Slot & (ChunkRows - 1)] = null;
            Tally(counts, row, -1);
        }

        foreach (Row row in added)
        {
            Chunk(chunks, row.Slot)[row.Slot & (ChunkRows - 1)] = row;
            Tally(counts, row, 1);
        }

        return new RowTable(chunks, Count - gone.Count + added.Count, [.. counts]);
    }

    private Row?[] Chunk(Row?[][] chunks, int slot)
    {
        int at = slot >> ChunkShift;
        if (at < _chunks.Length && ReferenceEquals(chunks[at], _chunks[at]))
        {
            chunks[at] = (Row?[])_chunks[at].Clone();
        }

        return chunks[at];
    }

    private static void Tally(List<int> counts, Row row, int by)
    {
        for (int column = 0; column < row.VectorColumns; column++)
        {
            while (counts.Count <= column)
            {
                counts.Add(0);
            }

            counts[column] += row.Vector(column) is null ? 0 : by;
        }
    }
}
