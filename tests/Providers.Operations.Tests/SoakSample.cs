using System.Diagnostics;
using System.Runtime;

namespace Providers.Operations.Tests;

/// <summary>What the process holds, right after a full collection.</summary>
/// <param name="At">When, since the first sample.</param>
/// <param name="Heap">Live bytes of the managed heap.</param>
/// <param name="Committed">Bytes that the collector holds for the heap.</param>
/// <param name="Compiled">How many methods were compiled so far.</param>
/// <param name="Resident">Bytes of memory the process holds.</param>
internal sealed record SoakSample(TimeSpan At, long Heap, long Committed, long Compiled, long Resident, int Handles, int Threads)
{
    public static SoakSample Take(TimeSpan at)
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // gives back what is not used
            GC.WaitForPendingFinalizers();
        }

        using Process process = Process.GetCurrentProcess();
        int handles = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount;
        return new SoakSample(
            at, GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo().TotalCommittedBytes, JitInfo.GetCompiledMethodCount(), process.WorkingSet64, handles, process.Threads.Count);
    }

    /// <summary>The least-squares line through samples.</summary>
    /// <returns>Its slope an hour, and the slope's standard error.</returns>
    public static (double PerHour, double Error) Slope(IReadOnlyList<SoakSample> samples, Func<SoakSample, double> value)
    {
        double time = samples.Average(static s => s.At.TotalHours), mean = samples.Average(value);
        double spread = samples.Sum(s => Math.Pow(s.At.TotalHours - time, 2));
        double slope = samples.Sum(s => (s.At.TotalHours - time) * (value(s) - mean)) / spread;
        double rest = samples.Sum(s => Math.Pow(value(s) - mean - (slope * (s.At.TotalHours - time)), 2));
        return (slope, Math.Sqrt(rest / (samples.Count - 2) / spread));
    }
}
