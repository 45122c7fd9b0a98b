using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Providers.Vectors;

/// <summary>
/// What was written since the last checkpoint. A record is checksum (4), kind (1), version (8), id (8) and for an upsert the
/// vector as float32. A record cut by a crash at the end is dropped, as are zeros there that a power loss left; other damage before the end is refused.
/// </summary>
internal sealed class WriteLog : IDisposable
{
    private const ulong Magic = 0x3130_474F_4C43_4556; // "VECLOG01"
    private const int HeaderBytes = 16;
    private const int DeleteBytes = 21;
    private readonly FileStream _file;
    private readonly byte[] _record;
    private readonly int _dimensions;
    private readonly bool _flush;

    public WriteLog(string path, int dimensions, bool flush)
    {
        _dimensions = dimensions;
        _flush = flush;
        _record = new byte[DeleteBytes + (dimensions * sizeof(float))];
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1);
    }

    /// <summary>Gets how many bytes of a torn last record were dropped when the log was opened.</summary>
    public long Dropped { get; private set; }

    public delegate void Apply(long version, long id, ReadOnlySpan<float> vector);

    /// <summary>Hands every whole record newer than <paramref name="after"/> to <paramref name="apply"/>; deletes have an empty vector.</summary>
    public void Replay(long after, Apply apply)
    {
        long length = _file.Length;
        if (length < HeaderBytes)
        {
            Dropped = length;
            Restart();
            return;
        }

        _file.Position = 0;
        byte[] bytes = new byte[HeaderBytes];
        _file.ReadExactly(bytes);
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) != _dimensions
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12)) != ~_dimensions)
        {
            throw Damaged(0, "header");
        }

        var reader = new BufferedStream(_file, 1 << 20);
        long at = HeaderBytes;
        while (at < length)
        {
            int size = ReadRecord(reader, length - at);
            if ((size < 0 && at - size >= length) || (size <= 0 && IsZeroFrom(at, length)))
            {
                Dropped = length - at;
                break;
            }

            if (size <= 0)
            {
                throw Damaged(at, "record");
            }

            long version = BinaryPrimitives.ReadInt64LittleEndian(_record.AsSpan(5));
            if (version > after)
            {
                ReadOnlySpan<byte> vector = _record.AsSpan(DeleteBytes, size - DeleteBytes);
                apply(version, BinaryPrimitives.ReadInt64LittleEndian(_record.AsSpan(13)), MemoryMarshal.Cast<byte, float>(vector));
            }

            at += size;
        }

        _file.SetLength(at);
        _file.Position = at;
    }

    public void Append(long version, long id, ReadOnlySpan<float> vector)
    {
        int size = vector.IsEmpty ? DeleteBytes : _record.Length;
        _record[4] = vector.IsEmpty ? (byte)2 : (byte)1;
        BinaryPrimitives.WriteInt64LittleEndian(_record.AsSpan(5), version);
        BinaryPrimitives.WriteInt64LittleEndian(_record.AsSpan(13), id);
        MemoryMarshal.AsBytes(vector).CopyTo(_record.AsSpan(DeleteBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(_record, Checksum.Compute(_record.AsSpan(4, size - 4)));
        long before = _file.Position;
        try
        {
            _file.Write(_record, 0, size);
            _file.Flush(_flush);
        }
        catch (IOException)
        {
            // Half a record must not end up in the middle of the log.
            _file.SetLength(before);
            _file.Position = before;
            throw;
        }
    }

    /// <summary>Empties the log after a checkpoint took over.</summary>
    public void Restart()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], _dimensions);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], ~_dimensions);
        _file.SetLength(0);
        _file.Position = 0;
        _file.Write(header);
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>After a power loss a file may end in zeros that were never written; anything else was.</summary>
    private bool IsZeroFrom(long at, long length)
    {
        _file.Position = at;
        byte[] rest = new byte[1 << 12];
        for (; at < length; at += rest.Length)
        {
            int read = _file.ReadAtLeast(rest, (int)Math.Min(rest.Length, length - at), throwOnEndOfStream: false);
            if (rest.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The size of the record read, or minus the size it would have when it is cut or does not match its checksum; 0 for an unknown kind.</summary>
    private int ReadRecord(Stream reader, long left)
    {
        int head = (int)Math.Min(left, DeleteBytes);
        reader.ReadExactly(_record, 0, head);
        if (head < 5)
        {
            return -DeleteBytes;
        }

        int size = _record[4] switch { 1 => _record.Length, 2 => DeleteBytes, _ => 0 };
        if (size == 0 || left < size)
        {
            return size == 0 ? 0 : -size;
        }

        reader.ReadExactly(_record, DeleteBytes, size - DeleteBytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(_record) == Checksum.Compute(_record.AsSpan(4, size - 4)) ? size : -size;
    }

    private VectorIndexCorruptException Damaged(long at, string what) =>
        new(_file.Name, "Log", $"The {what} at byte {at} of log '{_file.Name}' is damaged. Restore the file, or delete it to lose what was written since the last checkpoint.");
}
