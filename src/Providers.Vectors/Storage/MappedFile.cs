using System.IO.MemoryMappedFiles;
using System.Runtime.ConstrainedExecution;

namespace Providers.Vectors;

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
