namespace Providers.Vectors;

/// <summary>A row set on its way into a smaller one. Used under the writers' lock.</summary>
internal sealed class Compaction
{
    private int[] _map;

    public Compaction(RowSet old, RowSet fresh)
    {
        (Old, Fresh) = (old, fresh);
        _map = new int[old.Count];
        fresh.CodedRows = Math.Min(0, old.CodedRows);
        fresh.BitRows = Math.Min(0, old.BitRows);
    }

    public RowSet Old { get; }

    public RowSet Fresh { get; }

    /// <summary>Gets how many old rows have been looked at.</summary>
    public int Moved { get; private set; }

    /// <summary>Gets the new row of each old one looked at; -1 for those that were dead.</summary>
    public ReadOnlySpan<int> Map => _map.AsSpan(0, Moved);

    /// <summary>Copies the live rows up to <paramref name="end"/>.</summary>
    public unsafe void MoveTo(int end)
    {
        if (end > _map.Length)
        {
            Array.Resize(ref _map, Math.Max(end, _map.Length + (_map.Length / 4)));
        }

        for (; Moved < end; Moved++)
        {
            _map[Moved] = RowSet.IsDead(Old.Chunks, Moved) ? -1 : Fresh.AppendFrom(Old, Moved);
        }
    }

    /// <summary>Takes over what died since it was copied, and maps the ids of the rest.</summary>
    public unsafe void Settle()
    {
        for (int row = 0; row < Moved; row++)
        {
            int to = _map[row];
            if (to < 0)
            {
                continue;
            }

            long dead = Old.Chunks[row >> RowLayout.ChunkShift].Dead[row & (RowLayout.ChunkRows - 1)];
            if (dead != 0)
            {
                Fresh.Chunks[to >> RowLayout.ChunkShift].Dead[to & (RowLayout.ChunkRows - 1)] = dead;
                Fresh.Died++;
            }
        }
    }
}
