using System.Diagnostics;
using System.Globalization;

namespace Providers.Operations.Tests;

/// <summary>
/// Gate G18: a host under steady load, half of it failing over, neither grows nor leaks. SOAK_SECONDS sets the length (12 by default, 120 in
/// CI), of which the first third warms up, and the measuring with it; SOAK_PAUSE_MS the rest after each 41 requests. eng/soak measures half an hour.
/// </summary>
[Collection(nameof(OneHost))]
public sealed class SoakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task SteadyLoad_MemoryHandlesAndThreadsStayFlat()
    {
        TimeSpan length = TimeSpan.FromSeconds(Setting("SOAK_SECONDS", 12));
        TimeSpan pause = TimeSpan.FromMilliseconds(Setting("SOAK_PAUSE_MS", 5));
        await using OpsHost host = await OpsHost.StartAsync();
        host.Providers["bad"].Fails = FailureKind.Transient;
        long requests = 0;
        const int Samples = 60;
        for (int i = 0; i < Samples / 2; i++)
        {
            await LoadAsync(length / 3 / (Samples / 2));
            SoakSample.Take(TimeSpan.Zero);
        }

        List<SoakSample> samples = [SoakSample.Take(TimeSpan.Zero)];
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Samples; i++)
        {
            await LoadAsync(length * 2 / 3 / Samples);
            samples.Add(SoakSample.Take(Stopwatch.GetElapsedTime(started)));
        }

        SoakSample before = samples[0], after = samples[^1];
        (double heap, _) = SoakSample.Slope(samples, static s => s.Heap);
        (double resident, double error) = SoakSample.Slope(samples, static s => s.Resident);
        output.WriteLine(FormattableString.Invariant(
            $"{requests} requests in {length.TotalSeconds:F0} s, {samples.Count} samples; live heap {before.Heap / 1e6:F2} -> {after.Heap / 1e6:F2} MB ({heap / 1e6:F2} MB/h), resident {before.Resident / 1e6:F1} -> {after.Resident / 1e6:F1} MB ({resident / 1e6:F2} +- {error / 1e6:F2} MB/h), committed for the heap {before.Committed / 1e6:F1} -> {after.Committed / 1e6:F1} MB, methods compiled {before.Compiled} -> {after.Compiled}, handles {before.Handles} -> {after.Handles}, threads {before.Threads} -> {after.Threads}"));
        (after.Heap - before.Heap).Should().BeLessThan(1_000_000, "what stays alive does not grow with requests");
        (after.Handles - before.Handles).Should().BeLessThan(20);
        (after.Threads - before.Threads).Should().BeLessThan(20);
        if (length >= TimeSpan.FromMinutes(20))
        {
            heap.Should().BeLessThan(1e6);
            (resident - (2 * error)).Should().BeLessThan(1e6, "memory held does not rise by 1 MB an hour, as far as so many samples can tell");
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
                await Task.Delay(pause); // what the load is, not a wait for anything
            }
        }
    }

    [Fact]
    public void Slope_OfALine_IsItsOwnAndExact()
    {
        (double slope, double error) = SoakSample.Slope([.. Enumerable.Range(0, 10).Select(static i => new SoakSample(TimeSpan.FromMinutes(i * 6), 100 + i, 0, 0, 0, 0, 0))], static s => s.Heap);
        slope.Should().BeApproximately(10, 1e-9, "one more every six minutes");
        error.Should().BeApproximately(0, 1e-6);
    }

    private static double Setting(string name, double usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : usual;
}
