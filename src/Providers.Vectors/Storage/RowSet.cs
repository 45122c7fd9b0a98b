using System.Numerics.Tensors;

namespace Providers.Vectors;

/// <summary>Append-only rows and the structures derived from them. One writer at a time.</summary>
internal sealed unsafe class RowSet(RowLayout layout, BitQuantizer bits)
{
    private static readonly Part[] Base = [Part.Ids, Part.Dead, Part.Vectors, Part.Norms];
    private readonly float[] _row = new float[layout.Stride];
    private readonly float[] _scratch = new float[BitQuantizer.Padded(layout.Dimensions)];

    public RowLayout Layout { get; } = layout;

    public BitQuantizer BitCodes { get; } = bits;

    public Chunk[] Chunks { get; set; } = [];

    public int Count { get; set; }

    public RowMap Map { get; } = new();

    /// <summary>Gets or sets the graph; rows below its own count are linked in.</summary>
    public HnswGraph? Graph { get; set; }

    /// <summary>Gets or sets how many rows have 8-bit codes; -1 when none shall have.</summary>
    public int CodedRows { get; set; } = -1;

    /// <summary>Gets or sets how many rows have 1-bit codes; -1 when none shall have.</summary>
    public int BitRows { get; set; } = -1;

    public static long IdOf(Chunk[] chunks, int row) => chunks[row >> RowLayout.ChunkShift].Ids[row & (RowLayout.ChunkRows - 1)];

    /// <summary>Adds a row that no view shows yet.</summary>
    public int Append(long id, ReadOnlySpan<float> vector)
    {
        int row = Count, offset = row & (RowLayout.ChunkRows - 1);
        if (row >> RowLayout.ChunkShift == Chunks.Length)
        {
            var chunk = new Chunk();
            foreach (Part part in Base)
            {
                chunk.Ensure(Layout, part);
            }

            Chunks = [.. Chunks, chunk];
        }

        Chunk to = Chunks[row >> RowLayout.ChunkShift];
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

        Chunk chunk = Chunks[row >> RowLayout.ChunkShift];
        int offset = row & (RowLayout.ChunkRows - 1);
        Read(Layout, chunk, offset, _row);
        ReadOnlySpan<float> vector = _row.AsSpan(0, Layout.Dimensions);
        if (row == CodedRows)
        {
            chunk.Ensure(Layout, Part.Codes);
            chunk.Ensure(Layout, Part.Scales);
            chunk.Scales[offset] = Int8Quantizer.Encode(vector, new Span<sbyte>(chunk.Codes + ((long)offset * Layout.CodeStride), Layout.CodeStride));
            CodedRows++;
        }

        if (row == BitRows)
        {
            chunk.Ensure(Layout, Part.Bits);
            chunk.Ensure(Layout, Part.BitFactors);
            chunk.BitFactors[offset] = BitCodes.Encode(vector, chunk.Bits + ((long)(offset >> 6) * Layout.BitBlockBytes), offset & 63, _scratch);
            BitRows++;
        }
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
}
