namespace Providers.Vectors;

/// <summary>Id to row by open addressing, 4 bytes a slot: ids are read from the rows. Written and read under the writer's lock.</summary>
internal sealed unsafe class RowMap
{
    private int[] _slots = new int[16];

    /// <summary>Maps the rows that are alive.</summary>
    public static RowMap Of(Chunk[] chunks, int count)
    {
        var map = new RowMap { _slots = new int[Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(count + (count / 2) + 1)))] };
        for (int row = 0; row < count; row++)
        {
            if (chunks[row >> RowLayout.ChunkShift].Dead[row & (RowLayout.ChunkRows - 1)] == 0)
            {
                map.Set(chunks, IdOf(chunks, row), row);
            }
        }

        return map;
    }

    public int Count { get; private set; }

    public long Bytes => _slots.Length * (long)sizeof(int);

    public int Find(Chunk[] chunks, long id)
    {
        int slot = Slot(chunks, id);
        return _slots[slot] - 1;
    }

    public void Set(Chunk[] chunks, long id, int row)
    {
        int slot = Slot(chunks, id);
        if (_slots[slot] == 0)
        {
            Count++;
        }

        _slots[slot] = row + 1;
        if (Count * 3L > _slots.Length * 2L)
        {
            Grow(chunks);
        }
    }

    public void Remove(Chunk[] chunks, long id)
    {
        int hole = Slot(chunks, id), mask = _slots.Length - 1;
        if (_slots[hole] == 0)
        {
            return;
        }

        // Backward shift: no tombstones, so look-ups stay short under churn.
        for (int next = (hole + 1) & mask; _slots[next] != 0; next = (next + 1) & mask)
        {
            int home = Home(IdOf(chunks, _slots[next] - 1), mask);
            if (((next - home) & mask) >= ((next - hole) & mask))
            {
                _slots[hole] = _slots[next];
                hole = next;
            }
        }

        _slots[hole] = 0;
        Count--;
    }

    private static long IdOf(Chunk[] chunks, int row) => chunks[row >> RowLayout.ChunkShift].Ids[row & (RowLayout.ChunkRows - 1)];

    private static int Home(long id, int mask) => (int)(((ulong)id * 0x9E37_79B9_7F4A_7C15UL) >> 32) & mask;

    private int Slot(Chunk[] chunks, long id)
    {
        int mask = _slots.Length - 1, slot = Home(id, mask);
        while (_slots[slot] != 0 && IdOf(chunks, _slots[slot] - 1) != id)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow(Chunk[] chunks)
    {
        int[] old = _slots;
        _slots = new int[old.Length * 2];
        foreach (int entry in old)
        {
            if (entry != 0)
            {
                _slots[Slot(chunks, IdOf(chunks, entry - 1))] = entry;
            }
        }
    }
}
