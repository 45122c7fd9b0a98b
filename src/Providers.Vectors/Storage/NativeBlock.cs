using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Providers.Vectors;

/// <summary>
/// 64-byte-aligned zeroed memory of its own, or a window of a larger block or of a mapped file. Freed by its finalizer, so a
/// reader that still holds a view can go on without a lock or a count.
/// </summary>
internal sealed unsafe class NativeBlock : CriticalFinalizerObject
{
    private readonly object? _owner;
    private readonly void* _memory;
    private readonly long _pressure;

    public NativeBlock(long bytes)
    {
        _memory = NativeMemory.AllocZeroed((nuint)bytes + 64);
        Pointer = (byte*)(((nuint)_memory + 63) & ~(nuint)63);
        _pressure = Math.Max(1, bytes);
        GC.AddMemoryPressure(_pressure);
    }

    /// <summary>A window of a block that others share.</summary>
    public NativeBlock(HugeBlock owner, long offset, long bytes)
    {
        _owner = owner;
        Pointer = owner.Pointer + offset;
        _pressure = Math.Max(1, bytes);
        GC.AddMemoryPressure(_pressure);
    }

    public NativeBlock(MappedFile file, long offset)
    {
        _owner = file;
        Pointer = file.Pointer + offset;
    }

    ~NativeBlock()
    {
        NativeMemory.Free(_memory);
        if (_pressure > 0)
        {
            GC.RemoveMemoryPressure(_pressure);
        }
    }

    public byte* Pointer { get; }

    /// <summary>Gets what keeps the memory of a window, or null for memory of its own.</summary>
    public object? Owner => _owner;
}
