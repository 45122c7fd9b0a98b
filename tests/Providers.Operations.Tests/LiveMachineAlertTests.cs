namespace Providers.Operations.Tests;

/// <summary>A disk that fills and a clock that is off, told by a real node exporter to a real Prometheus. Durations in the rules are divided by 60.</summary>
[Collection(nameof(OneHost))]
public sealed class LiveMachineAlertTests(ITestOutputHelper output)
{
    [Fact]
    public async Task FillingDiskAndWrongClock_FireTheirAlerts()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ALERTS_LONG") is "1", "This takes a gigabyte or more of the disk for two minutes: eng/alerts runs it.");
        Tool.Need("prometheus");
        Tool.Need("prometheus-node-exporter");
        await using OpsHost host = await OpsHost.StartAsync();
        await using TimeServer time = new();
        await using NodeExporter machine = NodeExporter.Start(time);
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(host.Address, machine.Address);
        string folder = Directory.CreateTempSubdirectory("ops-disk-").FullName;
        try
        {
            // All that is left would be gone in two hours: twice the speed that the alert waits for.
            long free = new DriveInfo(folder).AvailableFreeSpace, taken = 0;
            (long begun, int files) = (Environment.TickCount64, 0);
            await prometheus.UntilAsync(
                async () =>
                {
                    long due = (long)(free / 7_200.0 * (Environment.TickCount64 - begun) / 1_000) - taken;
                    using FileStream file = new(Path.Combine(folder, $"{files++}"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = due });
                    taken += due;
                    return (await prometheus.FiringAsync()).Contains("DiskWillFill");
                },
                () => $"DiskWillFill fires; {taken / 1e6:F0} MB of {free / 1e6:F0} MB were taken");
            output.WriteLine($"DiskWillFill fired after {taken / 1e6:F0} MB of {free / 1e6:F0} MB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        (await prometheus.FiringAsync()).Should().NotContain("ClockSkew", "the time server agrees");
        time.Ahead = TimeSpan.FromSeconds(2);
        await prometheus.UntilAsync(async () => (await prometheus.FiringAsync()).Contains("ClockSkew"), static () => "ClockSkew fires");
        output.WriteLine("ClockSkew fired");
    }
}
