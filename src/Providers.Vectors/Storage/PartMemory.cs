namespace Providers.Vectors;

/// <summary>
/// Hands out the chunks of one part. The first chunk stands alone, so that a small index stays small; later ones lie side by side
/// in large blocks. Used by the writer only.
/// </summary>
internal sealed class PartMemory
{
    private const long BlockBytes = 32 << 20;
    private HugeBlock? _block;
    private long _used;

    public NativeBlock Take(int chunk, long bytes)
    {
        long rounded = (bytes + 63) & ~63L;
        if (chunk == 0)
        {
            return new NativeBlock(rounded);
        }

        if (_block is null || _used + rounded > _block.Length)
        {
            _block = new HugeBlock(Math.Max(BlockBytes, rounded));
            _used = 0;
        }

        _used += rounded;
        return new NativeBlock(_block, _used - rounded, rounded);
    }
}
