namespace Providers.Operations.Tests;

/// <summary>
/// Faults in a running host, a real Prometheus, the shipped rules: the alerts fire. Durations in the rules are divided by 60. Those about the
/// memory and about the machine have classes of their own.
/// </summary>
[Collection(nameof(OneHost))]
public sealed class LiveAlertTests(ITestOutputHelper output)
{
    [Fact]
    public async Task FaultsInARunningHost_FireTheirAlerts()
    {
        Tool.Need("prometheus");
        await using OpsHost host = await OpsHost.StartAsync();
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(host.Address);
        await host.AskAsync("good");
        HashSet<string> quiet = await prometheus.FiringAsync();
        quiet.Should().NotContain(["AllProvidersUnavailable", "ErrorBudgetBurnFast", "ConfigReloadFailed", "CanaryRolledBack"]);

        host.Providers["slow"].FirstChunkAfter = TimeSpan.FromSeconds(11);
        HashSet<string> seen = await SlowAsync(host, prometheus);

        host.Doors.Cache.Hangs = true;
        host.Providers["bad"].Fails = FailureKind.Transient;
        host.Providers["lonely"].Fails = FailureKind.RateLimited; // retried, and trips no circuit
        host.Providers["limited"].Fails = FailureKind.RateLimited;
        host.Providers["newcomer"].Fails = FailureKind.Transient;
        host.Providers["good"].BreaksStreams = true;
        host.Edit("Providers:Retry:MaxRetries", "-1");

        seen.UnionWith(await FireAsync(host, prometheus, [
            "ErrorBudgetBurnFast", "ErrorBudgetBurnMedium", "ErrorBudgetBurnSlow", "FailoverRateHigh", "BreakerFlapping", "RetryBudgetExhausted",
            "TimeToFirstChunkSlow", "StreamInterruptions", "TokenSpendAnomaly", "ProviderRateLimited", "ConfigReloadFailed", "CanaryRolledBack", "HighRejectRate",
            "TokenRefreshFailing", "CacheDown"]));

        host.Providers["lonely"].Health = ProviderHealth.Unhealthy;
        seen.UnionWith(await FireAsync(host, prometheus, ["ProviderUnavailable"]));
        foreach (CueProvider provider in host.Providers.Values)
        {
            provider.Health = ProviderHealth.Unhealthy;
        }

        host.Doors.Embedder.Health = ProviderHealth.Unhealthy;
        seen.UnionWith(await FireAsync(host, prometheus, ["AllProvidersUnavailable"]));
        seen.UnionWith(await StarveAsync(prometheus));
        await prometheus.UntilAsync(async () => (await prometheus.FiringAsync()).Contains("CertificateOrKeyExpiring"), static () => "CertificateOrKeyExpiring fires");
        seen.Add("CertificateOrKeyExpiring");
        await host.DisposeAsync();
        await prometheus.UntilAsync(async () => (await prometheus.FiringAsync()).Contains("TargetDown"), static () => "TargetDown fires");
        seen.Add("TargetDown");
        output.WriteLine($"{seen.Count} alerts fired: {string.Join(", ", seen.Order())}");
    }

    /// <summary>A process that holds half a gigabyte and grows by a megabyte a second. Takes two minutes; eng/alerts asks for it.</summary>
    [Fact]
    public async Task LeakInARunningHost_FiresMemoryGrowth()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ALERTS_LONG") is "1", "MemoryGrowth takes two minutes and 700 MB: eng/alerts runs it.");
        Tool.Need("prometheus");
        await using OpsHost host = await OpsHost.StartAsync();
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(host.Address);
        Leak leak = new();
        leak.GrowTo(550);
        await prometheus.UntilAsync(
            async () =>
            {
                leak.GrowTo(550 + (int)leak.Age.TotalSeconds);
                return (await prometheus.FiringAsync()).Contains("MemoryGrowth");
            },
            () => $"MemoryGrowth fires; {leak.Megabytes} MB are held");
        output.WriteLine($"MemoryGrowth fired at {leak.Megabytes} MB after {leak.Age.TotalSeconds:F0} s");
    }

    /// <summary>Answers that all take longer than the objective, and no others: a model that has become slow.</summary>
    private static async Task<HashSet<string>> SlowAsync(OpsHost host, PrometheusServer prometheus)
    {
        List<Task> slow = [];
        await prometheus.UntilAsync(
            async () =>
            {
                slow.Add(host.StreamAsync("slow"));
                return (await prometheus.FiringAsync()).Contains("LatencyBudgetBurn");
            },
            static () => "LatencyBudgetBurn fires");
        await Task.WhenAll(slow);
        return ["LatencyBudgetBurn"];
    }

    /// <summary>More blocking work than the thread pool has threads for, all the time: each piece that is done is queued again.</summary>
    private static async Task<HashSet<string>> StarveAsync(PrometheusServer prometheus)
    {
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 16), ports); // else Prometheus itself would wait too long for its scrape
        bool stop = false;
        int queued = 300;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        for (int i = 0; i < 300; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(Block, 0, preferLocal: false);
        }

        try
        {
            await prometheus.UntilAsync(async () => (await prometheus.FiringAsync()).Contains("ThreadPoolStarvation"), static () => "ThreadPoolStarvation fires");
        }
        finally
        {
            Volatile.Write(ref stop, true);
            await done.Task;
            ThreadPool.SetMinThreads(workers, ports);
        }

        return ["ThreadPoolStarvation"];

        void Block(int _)
        {
            Thread.Sleep(1);
            if (!Volatile.Read(ref stop))
            {
                ThreadPool.UnsafeQueueUserWorkItem(Block, 0, preferLocal: false);
            }
            else if (Interlocked.Decrement(ref queued) == 0)
            {
                done.SetResult();
            }
        }
    }

    private static async Task<HashSet<string>> FireAsync(OpsHost host, PrometheusServer prometheus, string[] wanted)
    {
        HashSet<string> seen = [];
        List<Task> slow = [];
        await prometheus.UntilAsync(
            async () =>
            {
                for (int i = 0; i < 5; i++)
                {
                    await host.AskAsync("failover");
                    await host.AskAsync("limited");
                    await Task.Delay(30); // longer than a break, so that the failing one is tried again
                }

                slow.Add(host.StreamAsync("slow"));
                await host.AskAsync("canary");
                await host.AskAsync("canary");
                await host.AskAsync("queue");
                await Task.WhenAll(host.AskAsync("alone"), host.AskAsync("alone"), host.AskAsync("alone"));
                await host.StreamAsync("good");
                (await host.GetAsync("/busy")).Dispose();
                await OpsDoors.FetchTokenAsync(fails: true);
                await host.EmbedAsync($"text {slow.Count}");

                seen.UnionWith(await prometheus.FiringAsync());
                return wanted.All(seen.Contains);
            },
            () => $"missing of the wanted alerts: {string.Join(", ", wanted.Except(seen))}");
        await Task.WhenAll(slow);
        return seen;
    }
}
