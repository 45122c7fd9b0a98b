using System.IO.MemoryMappedFiles;
using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Providers.Vectors;

/// <summary>
/// 64-byte-aligned zeroed memory, or a window of a mapped file. Freed by its finalizer, so a reader that still holds a view
/// can go on without a lock or a count.
/// </summary>
internal sealed unsafe class NativeBlock : CriticalFinalizerObject
{
    private readonly void* _memory;
    private readonly long _pressure;

    public NativeBlock(long bytes)
    {
        _memory = NativeMemory.AllocZeroed((nuint)bytes + 64);
        Pointer = (byte*)(((nuint)_memory + 63) & ~(nuint)63);
        _pressure = Math.Max(1, bytes);
        GC.AddMemoryPressure(_pressure);
    }

    public NativeBlock(MappedFile file, long offset)
    {
        File = file;
        Pointer = file.Pointer + offset;
    }

    ~NativeBlock()
    {
        if (_memory != null)
        {
            NativeMemory.Free(_memory);
            GC.RemoveMemoryPressure(_pressure);
        }
    }

    public byte* Pointer { get; }

    /// <summary>Gets the mapping this window keeps alive, or null for memory of its own.</summary>
    public MappedFile? File { get; }
}

/// <summary>A whole file mapped copy-on-write: links may be rewritten in place, the file never changes.</summary>
internal sealed unsafe class MappedFile : CriticalFinalizerObject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public MappedFile(string path, long length)
    {
        _file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete),
            null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.CopyOnWrite);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer;
        Length = length;
    }

    // The view and file handles are critical finalizable objects themselves; the acquired pointer is what keeps them.
    ~MappedFile() => _view.SafeMemoryMappedViewHandle.ReleasePointer();

    public byte* Pointer { get; }

    public long Length { get; }

    /// <summary>Lets go of the file handle; the mapping stays until the last block is gone.</summary>
    public void CloseHandle() => _file.Dispose();
}
