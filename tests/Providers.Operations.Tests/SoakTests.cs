using System.Diagnostics;
using System.Globalization;

namespace Providers.Operations.Tests;

/// <summary>Gate G18: a host under steady load, half of it failing over, neither grows nor leaks. SOAK_SECONDS sets the length; eng/soak runs half an hour.</summary>
[Collection(nameof(OneHost))]
public sealed class SoakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task SteadyLoad_MemoryHandlesAndThreadsStayFlat()
    {
        TimeSpan length = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("SOAK_SECONDS") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 12);
        await using OpsHost host = await OpsHost.StartAsync();
        host.Providers["bad"].Fails = FailureKind.Transient;
        long requests = 0;
        await LoadAsync(length / 3);
        Sample before = Sample.Take();
        long started = Stopwatch.GetTimestamp();
        await LoadAsync(length * 2 / 3);
        Sample after = Sample.Take();
        TimeSpan spent = Stopwatch.GetElapsedTime(started);
        double heapPerHour = (after.Heap - before.Heap) / spent.TotalHours / 1e6;
        output.WriteLine(FormattableString.Invariant(
            $"{requests} requests in {length.TotalSeconds:F0} s; live heap {before.Heap / 1e6:F2} -> {after.Heap / 1e6:F2} MB ({heapPerHour:F1} MB/h), resident {before.Resident / 1e6:F1} -> {after.Resident / 1e6:F1} MB, handles {before.Handles} -> {after.Handles}, threads {before.Threads} -> {after.Threads}"));
        (after.Heap - before.Heap).Should().BeLessThan(1_000_000, "what stays alive does not grow with requests");
        (after.Handles - before.Handles).Should().BeLessThan(20);
        (after.Threads - before.Threads).Should().BeLessThan(20);
        if (length >= TimeSpan.FromMinutes(20))
        {
            heapPerHour.Should().BeLessThan(1);
        }

        async Task LoadAsync(TimeSpan time)
        {
            long from = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(from) < time)
            {
                for (int i = 0; i < 20; i++)
                {
                    await host.AskAsync("failover", $"tenant-{i}");
                    await host.AskAsync("good");
                }

                await host.StreamAsync("good");
                await host.ScrapeAsync();
                requests += 41;
                await Task.Delay(5);
            }
        }
    }

    private sealed record Sample(long Heap, long Resident, int Handles, int Threads)
    {
        public static Sample Take()
        {
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            using Process process = Process.GetCurrentProcess();
            int handles = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount;
            return new Sample(GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64, handles, process.Threads.Count);
        }
    }
}
