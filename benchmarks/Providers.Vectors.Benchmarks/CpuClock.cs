using System.Runtime.InteropServices;

namespace Providers.Vectors.Benchmarks;

/// <summary>CPU time of the calling thread, so that neighbours on the machine do not count.</summary>
internal static partial class CpuClock
{
    public static long Nanoseconds()
    {
        _ = ClockGetTime(3, out Time time); // CLOCK_THREAD_CPUTIME_ID
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Time time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
