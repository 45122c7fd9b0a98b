namespace Providers.Vectors;

/// <summary>Writes one section and computes the checksum that a reader will compute over its mapped bytes.</summary>
internal sealed unsafe class SectionWriter(FileStream file)
{
    private const int Step = 1 << 20;
    private readonly long _start = file.Position;
    private readonly ChecksumStream _sum = new();

    public void Add(byte* from, long bytes)
    {
        for (long at = 0; at < bytes; at += Step)
        {
            var span = new ReadOnlySpan<byte>(from + at, (int)Math.Min(Step, bytes - at));
            file.Write(span);
            _sum.Add(span);
        }
    }

    public uint Finish(int align)
    {
        int padding = (int)(-(file.Position - _start) & (align - 1));
        Span<byte> zeros = stackalloc byte[align];
        zeros.Clear();
        file.Write(zeros[..padding]);
        _sum.Add(zeros[..padding]);
        return _sum.Finish();
    }
}
