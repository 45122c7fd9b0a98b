using System.Runtime.CompilerServices;

namespace Providers.Vectors;

/// <summary>4,096 rows, one array per part. Parts may be added before a view that names them is published.</summary>
internal sealed unsafe class Chunk(PartMemory[] memory)
{
    private readonly NativeBlock?[] _blocks = new NativeBlock?[RowLayout.PartCount];
    private readonly PartMemory[] _memory = memory;
    public long* Ids;
    public long* Dead;
    public byte* Vectors;
    public sbyte* Codes;
    public float* Scales;
    public float* Norms;
    public byte* Bits;
    public float* BitFactors;
    public int* Links;
    public int* Upper;

    public byte* Pointer(Part part) => _blocks[(int)part]!.Pointer;

    /// <summary>Makes room for a part of the chunk with this number, if there is none yet.</summary>
    public void Ensure(RowLayout layout, Part part, int number)
    {
        if (_blocks[(int)part] is null)
        {
            Set(part, _memory[(int)part].Take(number, layout.Bytes(part, RowLayout.ChunkRows)));
        }
    }

    public void Set(Part part, NativeBlock block)
    {
        _blocks[(int)part] = block;
        byte* p = block.Pointer;
        switch (part)
        {
            case Part.Ids: Ids = (long*)p; break;
            case Part.Dead: Dead = (long*)p; break;
            case Part.Vectors: Vectors = p; break;
            case Part.Codes: Codes = (sbyte*)p; break;
            case Part.Scales: Scales = (float*)p; break;
            case Part.Norms: Norms = (float*)p; break;
            case Part.Bits: Bits = p; break;
            case Part.BitFactors: BitFactors = (float*)p; break;
            case Part.Links: Links = (int*)p; break;
            default: Upper = (int*)p; break;
        }
    }

    /// <summary>Whether a row that exists at <paramref name="version"/> had not been deleted by then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLive(int offset, long version)
    {
        long dead = Volatile.Read(ref Dead[offset]);
        return dead == 0 || dead > version;
    }
}
