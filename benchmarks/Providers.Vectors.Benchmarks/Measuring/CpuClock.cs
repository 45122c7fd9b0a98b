using System.Runtime.InteropServices;

namespace Providers.Vectors.Benchmarks;

/// <summary>CPU time of the calling thread, so that neighbours on the machine do not count.</summary>
internal static partial class CpuClock
{
    public static double Milliseconds()
    {
        _ = ClockGetTime(3, out Time time); // CLOCK_THREAD_CPUTIME_ID
        return (time.Seconds * 1e3) + (time.Nanoseconds / 1e6);
    }

    /// <summary>CPU milliseconds of one call.</summary>
    public static double Of(Action action)
    {
        double start = Milliseconds();
        action();
        return Milliseconds() - start;
    }

    /// <summary>The median CPU milliseconds of several calls.</summary>
    public static double Median(int times, Action<int> action)
    {
        var took = new double[times];
        for (int i = 0; i < times; i++)
        {
            double start = Milliseconds();
            action(i);
            took[i] = Milliseconds() - start;
        }

        return Median(took);
    }

    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Time time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
