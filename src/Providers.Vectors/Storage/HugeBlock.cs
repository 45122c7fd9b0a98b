using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Providers.Vectors;

/// <summary>
/// Zeroed memory aligned to 2 MiB that Linux is advised to back with huge pages: scans and random reads of codes then miss the
/// TLB far less. Elsewhere plain memory. Pages are committed when they are first touched.
/// </summary>
internal sealed unsafe partial class HugeBlock : CriticalFinalizerObject
{
    private const int Page = 2 << 20;
    private const int ReadWrite = 3;
    private const int PrivateAnonymousNoReserve = 0x4022;
    private const int AdviseHugePage = 14;
    private readonly void* _memory;
    private readonly nuint _mapped;

    public HugeBlock(long bytes)
    {
        Length = bytes;
        nuint length = (nuint)bytes + Page;
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess && Map(0, length, ReadWrite, PrivateAnonymousNoReserve, -1, 0) is var start and not -1)
        {
            _memory = (void*)start;
            _mapped = length;
            Pointer = (byte*)(((nuint)start + Page - 1) & ~(nuint)(Page - 1));
            _ = Advise((nint)Pointer, (nuint)bytes, AdviseHugePage); // a kernel without huge pages serves small ones
            return;
        }

        _memory = NativeMemory.AllocZeroed((nuint)bytes + 64);
        Pointer = (byte*)(((nuint)_memory + 63) & ~(nuint)63);
    }

    ~HugeBlock()
    {
        if (_mapped > 0)
        {
            _ = Unmap((nint)_memory, _mapped);
        }
        else
        {
            NativeMemory.Free(_memory);
        }
    }

    public byte* Pointer { get; }

    public long Length { get; }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
