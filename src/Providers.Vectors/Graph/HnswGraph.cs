namespace Providers.Vectors;

/// <summary>
/// The links of a hierarchical navigable small world graph (Malkov and Yashunin, TPAMI 2018) over the rows of a set.
/// Lists are fixed arrays of row + 1, zero-terminated; writers hold the owner's stripe, readers take single words as they come.
/// </summary>
internal sealed unsafe class HnswGraph
{
    private const int UpperShift = 12;
    private readonly RowSet _rows;
    private readonly Lock _top = new();
    private readonly Lock[] _stripes = new Lock[1024];
    private readonly int _seed;
    private int _upperSlots;

    public HnswGraph(RowSet rows, int expansion, int seed)
    {
        _rows = rows;
        _seed = seed;
        Expansion = expansion;
        for (int i = 0; i < _stripes.Length; i++)
        {
            _stripes[i] = new Lock();
        }
    }

    /// <summary>Gets how many candidates construction keeps.</summary>
    public int Expansion { get; }

    public int Linked { get; set; }

    public int UpperSlots => _upperSlots;

    public GraphView View { get; private set; } = new(-1, -1, []);

    public RowSet Rows => _rows;

    public int UpperDegree => _rows.Layout.Links / 2;

    /// <summary>The most links of a row at a level.</summary>
    public int Degree(int level) => level == 0 ? _rows.Layout.Links : UpperDegree;

    public int* LinksOf(int row, int level) =>
        level == 0 ? Links(_rows.Chunks, _rows.Layout, row) : Upper(_rows.Chunks, View.Upper, _rows.Layout, row, level);

    public Lock Stripe(int row) => _stripes[((uint)row * 0x9E37_79B1u) >> 22];

    public static int* Links(Chunk[] chunks, RowLayout layout, int row) =>
        chunks[row >> RowLayout.ChunkShift].Links + ((row & (RowLayout.ChunkRows - 1)) * layout.Links);

    public static int* Upper(Chunk[] chunks, NativeBlock[] upper, RowLayout layout, int row, int level)
    {
        int slot = chunks[row >> RowLayout.ChunkShift].Upper[row & (RowLayout.ChunkRows - 1)] + level - 2;
        return (int*)upper[slot >> UpperShift].Pointer + ((slot & ((1 << UpperShift) - 1)) * (layout.Links / 2));
    }

    /// <summary>The level of a row, drawn from its id: it stays when compaction moves the row.</summary>
    public int LevelOf(int row)
    {
        ulong x = ((ulong)RowSet.IdOf(_rows.Chunks, row) * 0xD134_2543_DE82_EF95UL) + ((uint)_seed * 0x9E37_79B9_7F4A_7C15UL) + 1;
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EBUL;
        double uniform = ((x ^ (x >> 31)) >> 11) * (1.0 / (1UL << 53));
        return Math.Min(24, (int)(-Math.Log(1 - uniform) / Math.Log(UpperDegree)));
    }

    /// <summary>Makes room for the links of rows up to <paramref name="count"/>, before they are linked in parallel.</summary>
    public void Prepare(int count)
    {
        for (int number = Linked >> RowLayout.ChunkShift; number < _rows.Chunks.Length; number++)
        {
            _rows.Chunks[number].Ensure(_rows.Layout, Part.Links, number);
            _rows.Chunks[number].Ensure(_rows.Layout, Part.Upper, number);
        }

        for (int row = Linked; row < count; row++)
        {
            int level = LevelOf(row);
            if (level == 0)
            {
                continue;
            }

            _rows.Chunks[row >> RowLayout.ChunkShift].Upper[row & (RowLayout.ChunkRows - 1)] = _upperSlots + 1;
            _upperSlots += level;
        }

        NativeBlock[] upper = View.Upper;
        while (upper.Length << UpperShift < _upperSlots)
        {
            upper = [.. upper, new NativeBlock((long)UpperDegree * sizeof(int) << UpperShift)];
        }

        View = View with { Upper = upper };
    }

    /// <summary>Makes a row the entry when it reaches higher than any before.</summary>
    public void Promote(int row, int level)
    {
        lock (_top)
        {
            if (level > View.Level)
            {
                View = View with { Entry = row, Level = level };
            }
        }
    }

    /// <summary>Takes over links read from a checkpoint.</summary>
    public void Restore(int entry, int level, int linked, int upperSlots, ReadOnlySpan<byte> upperLinks)
    {
        _upperSlots = upperSlots;
        Linked = linked;
        int blockBytes = UpperDegree * sizeof(int) << UpperShift;
        var blocks = new List<NativeBlock>();
        for (int start = 0; start < upperLinks.Length; start += blockBytes)
        {
            var block = new NativeBlock(blockBytes);
            ReadOnlySpan<byte> part = upperLinks[start..Math.Min(upperLinks.Length, start + blockBytes)];
            part.CopyTo(new Span<byte>(block.Pointer, part.Length));
            blocks.Add(block);
        }

        View = new GraphView(entry, level, [.. blocks]);
    }
}
