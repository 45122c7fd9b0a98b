using System.Buffers.Binary;

namespace Providers.VectorData;

/// <summary>An append-only file of checksummed frames; docs/vectordata-format.md describes every byte.</summary>
internal sealed class RecordLog : IDisposable
{
    public const int FrameBytes = 12;
    private const ulong Magic = 0x3130_4C41_5441_4456; // "VDATAL01"
    private readonly string _path;
    private readonly bool _flush;
    private FileStream _file;

    private RecordLog(string path, FileStream file, bool flush) => (_path, _file, _flush) = (path, file, flush);

    public long Length => _file.Length;

    /// <summary>Gets the bytes of a torn frame dropped from the end at opening.</summary>
    public long Dropped { get; private set; }

    /// <summary>Makes a new log with what the writer is given to write; it is there wholly or not at all.</summary>
    public static RecordLog Create(string path, Action<Action<ReadOnlySpan<byte>>> write, bool flush) => new(path, WriteNew(path, write), flush);

    /// <summary>Opens a log and gives each frame to the reader.</summary>
    /// <exception cref="RecordLogCorruptException">A frame before the end is damaged.</exception>
    public static RecordLog Open(string path, Action<BinaryReader> read, bool flush)
    {
        var log = new RecordLog(path, new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 1 << 16), flush);
        try
        {
            log.Replay(read);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    public void Append(ReadOnlySpan<byte> payload)
    {
        long before = _file.Position;
        try
        {
            WriteFrame(_file, payload);
            _file.Flush(_flush);
        }
        catch (IOException)
        {
            // Half a frame must not end up in the middle of the log.
            _file.SetLength(before);
            _file.Position = before;
            throw;
        }
    }

    /// <summary>Replaces everything by what the writer is given to write, at once.</summary>
    public void Rewrite(Action<Action<ReadOnlySpan<byte>>> write)
    {
        FileStream fresh = Prepare(_path, write);
        long end = _file.Length;
        _file.Dispose(); // Windows replaces no file that is open
        try
        {
            Place(_path);
        }
        catch
        {
            fresh.Dispose();
            _file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 1 << 16) { Position = end };
            throw;
        }

        _file = fresh;
    }

    public void Dispose()
    {
        try
        {
            _file.Flush(flushToDisk: true);
        }
        finally
        {
            _file.Dispose();
        }
    }

    private static FileStream WriteNew(string path, Action<Action<ReadOnlySpan<byte>>> write)
    {
        FileStream file = Prepare(path, write);
        try
        {
            Place(path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string Temporary(string path) => path + ".tmp";

    /// <summary>Writes a log beside its place, whole and on the disk.</summary>
    private static FileStream Prepare(string path, Action<Action<ReadOnlySpan<byte>>> write)
    {
        var file = new FileStream(Temporary(path), FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, 1 << 16);
        try
        {
            Span<byte> magic = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(magic, Magic);
            file.Write(magic);
            write(payload => WriteFrame(file, payload));
            file.Flush(flushToDisk: true);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Place(string path)
    {
        File.Move(Temporary(path), path, overwrite: true);
        Vectors.DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void WriteFrame(FileStream file, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[FrameBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Crc.Of(head[..4]));
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Crc.Of(payload));
        file.Write(head);
        file.Write(payload);
    }

    private void Replay(Action<BinaryReader> read)
    {
        long length = _file.Length, at = sizeof(ulong);
        var head = new byte[FrameBytes];
        if (length < at || !ReadExactly(head.AsSpan(0, sizeof(ulong))) || BinaryPrimitives.ReadUInt64LittleEndian(head) != Magic)
        {
            throw Damaged(0, "header");
        }

        while (at < length)
        {
            if (length - at < FrameBytes)
            {
                break;
            }

            ReadExactly(head);
            int size = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)) != Crc.Of(head.AsSpan(0, 4)) || size < 0)
            {
                // After a power loss a file may end in zeros that were never written; anything else was.
                if (IsZeroFrom(at, length))
                {
                    break;
                }

                throw Damaged(at, "frame header");
            }

            if (length - at - FrameBytes < size)
            {
                break;
            }

            var payload = new byte[size];
            ReadExactly(payload);
            if (BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8)) != Crc.Of(payload))
            {
                if (at + FrameBytes + size == length)
                {
                    break;
                }

                throw Damaged(at, "frame");
            }

            using var reader = new BinaryReader(new MemoryStream(payload));
            read(reader);
            at += FrameBytes + size;
        }

        Dropped = length - at;
        _file.SetLength(at);
        _file.Position = at;
    }

    private bool ReadExactly(Span<byte> to) => _file.ReadAtLeast(to, to.Length, throwOnEndOfStream: false) == to.Length;

    private bool IsZeroFrom(long at, long length)
    {
        _file.Position = at;
        var rest = new byte[1 << 12];
        for (; at < length; at += rest.Length)
        {
            int read = _file.ReadAtLeast(rest, (int)Math.Min(rest.Length, length - at), throwOnEndOfStream: false);
            if (rest.AsSpan(0, read).IndexOfAnyExcept((byte)0) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    private RecordLogCorruptException Damaged(long at, string what) =>
        new(_path, at, $"The {what} at byte {at} of record log '{_path}' is damaged; nothing of the collection is served. Restore the file, or delete the collection.");
}
