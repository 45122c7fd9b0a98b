using System.Buffers.Binary;

namespace Providers.Vectors;

/// <summary>The numbers a checkpoint carries beside its rows.</summary>
internal sealed record CheckpointState(long Version, long Watermark, int Rows, int Linked, int Entry, int Level, int UpperSlots, int Seed);

/// <summary>Reads and writes checkpoint files; docs/vectors-format.md describes every byte.</summary>
internal static unsafe class CheckpointFile
{
    private const ulong Magic = 0x3330_5844_4943_4556; // "VECIDX03"
    private const ulong WithoutTree = 0x3230_5844_4943_4556; // "VECIDX02": no link is marked as one of the tree; the next compaction marks them
    private const int HeaderBytes = 512;
    private const int UpperLinks = RowLayout.PartCount;
    private const int Sections = RowLayout.PartCount + 1;
    private const int Align = 64;

    /// <summary>Writes to a temporary file beside the target, flushes it to the disk and renames it over the target.</summary>
    public static void Write(string path, RowSet rows, CheckpointState state)
    {
        string temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            var header = new byte[HeaderBytes];
            file.Write(header);
            for (int section = 0; section < Sections; section++)
            {
                long start = file.Position;
                uint sum = section == UpperLinks ? WriteUpper(file, rows) : WritePart(file, rows, (Part)section, state);
                BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(96 + (section * 24)), start);
                BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(104 + (section * 24)), file.Position - start);
                BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(112 + (section * 24)), sum);
            }

            Fill(header, rows.Layout, state, file.Position);
            file.Position = 0;
            file.Write(header);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Maps a file and checks all of it before anything is served.</summary>
    public static CheckpointState Open(string path, RowLayout layout, int expansion, out RowSet rows)
    {
        long length = new FileInfo(path).Length;
        if (length < HeaderBytes)
        {
            throw new VectorIndexCorruptException(path, "header", $"The checkpoint '{path}' has {length} bytes, fewer than its header of {HeaderBytes}.");
        }

        var file = new MappedFile(path, length);
        file.CloseHandle();
        var header = new ReadOnlySpan<byte>(file.Pointer, HeaderBytes);
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) is not (Magic or WithoutTree)
            || BinaryPrimitives.ReadUInt32LittleEndian(header[(HeaderBytes - 4)..]) != Checksum.Compute(header[..^4])
            || BinaryPrimitives.ReadInt64LittleEndian(header[8..]) != length)
        {
            throw new VectorIndexCorruptException(path, "header", $"The header of checkpoint '{path}' is damaged, of another version, or the file was cut (it has {length} bytes).");
        }

        CheckLayout(path, header, layout);
        CheckpointState state = new(
            Read64(header, 40), Read64(header, 48), Read(header, 56), Read(header, 60), Read(header, 64), Read(header, 68), Read(header, 72), Read(header, 76));
        for (int section = 0; section < Sections; section++)
        {
            (long start, long bytes) = Section(header, section);
            if (Checksum.Compute(file.Pointer + start, bytes) != BinaryPrimitives.ReadUInt32LittleEndian(header[(112 + (section * 24))..]))
            {
                string name = section == UpperLinks ? "UpperLinks" : ((Part)section).ToString();
                throw new VectorIndexCorruptException(path, name, $"Section {name} of checkpoint '{path}' (bytes {start} to {start + bytes}) does not match its checksum.");
            }
        }

        rows = new RowSet(layout, new BitQuantizer(layout.Dimensions, state.Seed));
        Attach(rows, file, header, state, expansion);
        GC.KeepAlive(file); // its memory is read up to here, and a small file is copied whole: nothing else holds it
        return state;
    }

    private static void Attach(RowSet rows, MappedFile file, ReadOnlySpan<byte> header, CheckpointState state, int expansion)
    {
        int chunks = (state.Rows + RowLayout.ChunkRows - 1) >> RowLayout.ChunkShift;
        var all = new Chunk[chunks];
        for (int i = 0; i < chunks; i++)
        {
            all[i] = rows.NewChunk();
            int count = Math.Min(RowLayout.ChunkRows, state.Rows - (i << RowLayout.ChunkShift));
            for (int part = 0; part < RowLayout.PartCount; part++)
            {
                (long start, long bytes) = Section(header, part);
                if (bytes > 0)
                {
                    Place(rows.Layout, all[i], i, (Part)part, file, start + ((long)i * rows.Layout.Bytes((Part)part, RowLayout.ChunkRows)), count);
                }
            }
        }

        (rows.Chunks, rows.Count) = (all, state.Rows);
        rows.CodedRows = Section(header, (int)Part.Codes).Bytes > 0 ? state.Rows : -1;
        rows.BitRows = Section(header, (int)Part.Bits).Bytes > 0 ? state.Rows : -1;
        if (state.Linked > 0)
        {
            (long start, long bytes) = Section(header, UpperLinks);
            rows.Graph = new HnswGraph(rows, expansion, state.Seed);
            rows.Graph.Restore(state.Entry, state.Level, state.Linked, state.UpperSlots, new ReadOnlySpan<byte>(file.Pointer + start, checked((int)bytes)));
        }
    }

    /// <summary>Full chunks are used where they lie; the last one, which grows, is copied.</summary>
    private static void Place(RowLayout layout, Chunk chunk, int number, Part part, MappedFile file, long offset, int count)
    {
        if (count == RowLayout.ChunkRows)
        {
            chunk.Set(part, new NativeBlock(file, offset));
            return;
        }

        chunk.Ensure(layout, part, number);
        long bytes = layout.Bytes(part, count);
        Buffer.MemoryCopy(file.Pointer + offset, chunk.Pointer(part), bytes, bytes);
    }

    private static void CheckLayout(string path, ReadOnlySpan<byte> header, RowLayout layout)
    {
        (int Dimensions, int Metric, int Brain, int Links) file = (Read(header, 16), Read(header, 20), Read(header, 24), Read(header, 28));
        (int Dimensions, int Metric, int Brain, int Links) mine = (layout.Dimensions, (int)layout.Metric, layout.Brain ? 1 : 0, layout.Links);
        if (file != mine)
        {
            throw new InvalidOperationException($"The checkpoint '{path}' holds (dimensions, metric, bfloat16, links) {file}, but the options say {mine}. Open it with its own options.");
        }
    }

    private static void Fill(Span<byte> header, RowLayout layout, CheckpointState state, long length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], length);
        int at = 16;
        foreach (int value in (ReadOnlySpan<int>)[layout.Dimensions, (int)layout.Metric, layout.Brain ? 1 : 0, layout.Links, RowLayout.ChunkRows, 0])
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[at..], value);
            at += 4;
        }

        BinaryPrimitives.WriteInt64LittleEndian(header[40..], state.Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], state.Watermark);
        at = 56;
        foreach (int value in (ReadOnlySpan<int>)[state.Rows, state.Linked, state.Entry, state.Level, state.UpperSlots, state.Seed])
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[at..], value);
            at += 4;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header[(HeaderBytes - 4)..], Checksum.Compute(header[..^4]));
    }

    private static uint WritePart(FileStream file, RowSet rows, Part part, CheckpointState state)
    {
        bool present = part switch
        {
            Part.Codes or Part.Scales => rows.CodedRows == state.Rows,
            Part.Bits or Part.BitFactors => rows.BitRows == state.Rows,
            Part.Links or Part.Upper => state.Linked == state.Rows && state.Rows > 0,
            _ => true,
        };
        var writer = new SectionWriter(file);
        for (int start = 0; present && start < state.Rows; start += RowLayout.ChunkRows)
        {
            Chunk chunk = rows.Chunks[start >> RowLayout.ChunkShift];
            writer.Add(chunk.Pointer(part), rows.Layout.Bytes(part, Math.Min(RowLayout.ChunkRows, state.Rows - start)));
        }

        return writer.Finish(Align);
    }

    private static uint WriteUpper(FileStream file, RowSet rows)
    {
        var writer = new SectionWriter(file);
        long left = rows.Graph is null ? 0 : (long)rows.Graph.UpperSlots * rows.Graph.UpperDegree * sizeof(int);
        foreach (NativeBlock block in rows.Graph?.View.Upper ?? [])
        {
            long bytes = Math.Min(left, (long)rows.Graph!.UpperDegree * sizeof(int) << 12);
            writer.Add(block.Pointer, bytes);
            left -= bytes;
        }

        return writer.Finish(Align);
    }

    private static (long Start, long Bytes) Section(ReadOnlySpan<byte> header, int section) =>
        (Read64(header, 96 + (section * 24)), Read64(header, 104 + (section * 24)));

    private static int Read(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadInt32LittleEndian(header[at..]);

    private static long Read64(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadInt64LittleEndian(header[at..]);
}
