using System.Numerics.Tensors;

namespace Providers.Vectors;

/// <summary>Append-only rows and the structures derived from them. One writer at a time.</summary>
internal sealed unsafe class RowSet(RowLayout layout, BitQuantizer bits)
{
    private static readonly Part[] Base = [Part.Ids, Part.Dead, Part.Vectors, Part.Norms];
    private readonly PartMemory[] _memory = NewMemory();
    private readonly float[] _row = new float[layout.Stride];
    private readonly float[] _scratch = new float[BitQuantizer.Padded(layout.Dimensions)];

    public RowLayout Layout { get; } = layout;

    public BitQuantizer BitCodes { get; } = bits;

    public Chunk[] Chunks { get; set; } = [];

    public int Count { get; set; }

    /// <summary>Gets or sets how many rows are dead.</summary>
    public int Died { get; set; }

    /// <summary>Gets the row of each id that is alive; after opening made at the first use, so that opening need not.</summary>
    public RowMap Map => field ??= RowMap.Of(Chunks, Count);

    /// <summary>Gets or sets the graph; rows below its own count are linked in.</summary>
    public HnswGraph? Graph { get; set; }

    /// <summary>Gets or sets how many rows have 8-bit codes; -1 when none shall have.</summary>
    public int CodedRows { get; set; } = -1;

    /// <summary>Gets or sets how many rows have 1-bit codes; -1 when none shall have.</summary>
    public int BitRows { get; set; } = -1;

    public static bool IsDead(Chunk[] chunks, int row) => chunks[row >> RowLayout.ChunkShift].Dead[row & (RowLayout.ChunkRows - 1)] != 0;

    public static long IdOf(Chunk[] chunks, int row) => chunks[row >> RowLayout.ChunkShift].Ids[row & (RowLayout.ChunkRows - 1)];

    /// <summary>Counts the rows that are alive.</summary>
    public int CountLive()
    {
        int live = 0;
        for (int start = 0; start < Count; start += RowLayout.ChunkRows)
        {
            live += new ReadOnlySpan<long>(Chunks[start >> RowLayout.ChunkShift].Dead, Math.Min(RowLayout.ChunkRows, Count - start)).Count(0L);
        }

        return live;
    }

    public Chunk NewChunk() => new(_memory);

    /// <summary>Adds a copy of another set's row, codes included.</summary>
    public int AppendFrom(RowSet other, int from)
    {
        Chunk source = other.Chunks[from >> RowLayout.ChunkShift];
        int start = from & (RowLayout.ChunkRows - 1), row = Count, offset = row & (RowLayout.ChunkRows - 1);
        Chunk to = ChunkOf(row);
        to.Ids[offset] = source.Ids[start];
        to.Norms[offset] = source.Norms[start];
        Copy(source, to, Part.Vectors, start, offset);
        Count++;
        if (row == CodedRows && from < other.CodedRows)
        {
            to.Ensure(Layout, Part.Codes, row >> RowLayout.ChunkShift);
            to.Ensure(Layout, Part.Scales, row >> RowLayout.ChunkShift);
            Copy(source, to, Part.Codes, start, offset);
            to.Scales[offset] = source.Scales[start];
            CodedRows++;
        }

        if (row == BitRows && from < other.BitRows)
        {
            to.Ensure(Layout, Part.Bits, row >> RowLayout.ChunkShift);
            to.Ensure(Layout, Part.BitFactors, row >> RowLayout.ChunkShift);
            BitQuantizer.Copy(source.Bits + ((long)(start >> 6) * Layout.BitBlockBytes), start & 63, to.Bits + ((long)(offset >> 6) * Layout.BitBlockBytes), offset & 63, BitCodes.Groups);
            to.BitFactors[offset] = source.BitFactors[start];
            BitRows++;
        }

        return row;
    }

    /// <summary>Adds a row that no view shows yet.</summary>
    public int Append(long id, ReadOnlySpan<float> vector)
    {
        int row = Count, offset = row & (RowLayout.ChunkRows - 1);
        Chunk to = ChunkOf(row);
        to.Ids[offset] = id;
        to.Norms[offset] = TensorPrimitives.SumOfSquares(vector);
        if (Layout.Brain)
        {
            ushort* values = (ushort*)to.Vectors + ((long)offset * Layout.Stride);
            for (int i = 0; i < vector.Length; i++)
            {
                values[i] = BFloat16.FromSingle(vector[i]);
            }
        }
        else
        {
            vector.CopyTo(new Span<float>((float*)to.Vectors + ((long)offset * Layout.Stride), vector.Length));
        }

        Count++;
        Encode(row);
        return row;
    }

    /// <summary>Writes the codes of a row where it is that row's turn.</summary>
    public void Encode(int row)
    {
        if (row != CodedRows && row != BitRows)
        {
            return;
        }

        int number = row >> RowLayout.ChunkShift;
        Chunk chunk = Chunks[number];
        int offset = row & (RowLayout.ChunkRows - 1);
        Read(Layout, chunk, offset, _row);
        ReadOnlySpan<float> vector = _row.AsSpan(0, Layout.Dimensions);
        if (row == CodedRows)
        {
            chunk.Ensure(Layout, Part.Codes, number);
            chunk.Ensure(Layout, Part.Scales, number);
            chunk.Scales[offset] = Int8Quantizer.Encode(vector, new Span<sbyte>(chunk.Codes + ((long)offset * Layout.CodeStride), Layout.CodeStride));
            CodedRows++;
        }

        if (row == BitRows)
        {
            chunk.Ensure(Layout, Part.Bits, number);
            chunk.Ensure(Layout, Part.BitFactors, number);
            chunk.BitFactors[offset] = BitCodes.Encode(vector, chunk.Bits + ((long)(offset >> 6) * Layout.BitBlockBytes), offset & 63, _scratch);
            BitRows++;
        }
    }

    private Chunk ChunkOf(int row)
    {
        int number = row >> RowLayout.ChunkShift;
        if (number == Chunks.Length)
        {
            Chunk chunk = NewChunk();
            foreach (Part part in Base)
            {
                chunk.Ensure(Layout, part, number);
            }

            Chunks = [.. Chunks, chunk];
        }

        return Chunks[number];
    }

    private void Copy(Chunk source, Chunk to, Part part, int start, int offset)
    {
        int bytes = Layout.BytesPerRow(part);
        Buffer.MemoryCopy(source.Pointer(part) + ((long)start * bytes), to.Pointer(part) + ((long)offset * bytes), bytes, bytes);
    }

    /// <summary>Copies a stored vector out as float32.</summary>
    public static void Read(RowLayout layout, Chunk chunk, int offset, Span<float> vector)
    {
        long start = (long)offset * layout.Stride;
        for (int i = 0; i < layout.Dimensions; i++)
        {
            vector[i] = layout.Brain ? BFloat16.ToSingle(((ushort*)chunk.Vectors)[start + i]) : ((float*)chunk.Vectors)[start + i];
        }
    }

    private static PartMemory[] NewMemory()
    {
        var memory = new PartMemory[RowLayout.PartCount];
        for (int i = 0; i < memory.Length; i++)
        {
            memory[i] = new PartMemory();
        }

        return memory;
    }
}
