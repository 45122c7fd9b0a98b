namespace Providers.Vectors;

/// <summary>What one searching thread reuses from call to call.</summary>
internal sealed unsafe class Scratch
{
    [ThreadStatic]
    private static Scratch? t_current;

    public CandidatePool Pool;
    public CandidatePool Best;
    public ulong[] Visited = [];
    public long[] Frontier = new long[256];
    public readonly int[] Neighbours = new int[512];
    public readonly int[] Offsets = new int[RowLayout.ChunkRows];

    /// <summary>How many distances a walk through the graph may measure before it gives up.</summary>
    public int Budget = int.MaxValue;

    /// <summary>How the last search found its candidates, and what that usually costs.</summary>
    public SearchPath Path;
    public double UsualNanoseconds;
    private NativeBlock? _memory;
    private long _size;

    public static Scratch Current => t_current ??= new Scratch();

    /// <summary>Memory for the padded query, its codes, its table and rotation work space.</summary>
    public byte* Reserve(long bytes)
    {
        if (_size < bytes)
        {
            _memory = new NativeBlock(bytes);
            _size = bytes;
        }

        return _memory!.Pointer;
    }

    public void ResetVisited(int rows)
    {
        int words = (rows + 63) >> 6;
        if (Visited.Length < words)
        {
            Visited = new ulong[Math.Max(words, Visited.Length * 2)];
        }
        else
        {
            Visited.AsSpan(0, words).Clear();
        }
    }
}
