namespace Providers.Operations.Tests;

/// <summary>
/// Faults in a running host, a real Prometheus, the shipped rules: the alerts fire. Durations in the rules are divided by 60. Alerts of the
/// memory store, of tokens, disks, clocks and certificates need exporters or packages that this host does not have; LatencyBudgetBurn,
/// ThreadPoolStarvation and MemoryGrowth need a host that is slow, starved or leaking for long. Their unit tests show them.
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

        host.Providers["bad"].Fails = FailureKind.Transient;
        host.Providers["lonely"].Fails = FailureKind.RateLimited; // retried, and trips no circuit
        host.Providers["limited"].Fails = FailureKind.RateLimited;
        host.Providers["newcomer"].Fails = FailureKind.Transient;
        host.Providers["slow"].FirstChunkAfter = TimeSpan.FromSeconds(11);
        host.Providers["good"].BreaksStreams = true;
        host.Edit("Providers:Retry:MaxRetries", "-1");

        HashSet<string> seen = await FireAsync(host, prometheus, [
            "ErrorBudgetBurnFast", "ErrorBudgetBurnMedium", "ErrorBudgetBurnSlow", "FailoverRateHigh", "BreakerFlapping", "RetryBudgetExhausted",
            "TimeToFirstChunkSlow", "StreamInterruptions", "TokenSpendAnomaly", "ProviderRateLimited", "ConfigReloadFailed", "CanaryRolledBack", "HighRejectRate"]);

        host.Providers["lonely"].Health = ProviderHealth.Unhealthy;
        seen.UnionWith(await FireAsync(host, prometheus, ["ProviderUnavailable"]));
        foreach (CueProvider provider in host.Providers.Values)
        {
            provider.Health = ProviderHealth.Unhealthy;
        }

        seen.UnionWith(await FireAsync(host, prometheus, ["AllProvidersUnavailable"]));
        await host.DisposeAsync();
        await prometheus.UntilAsync(async () => (await prometheus.FiringAsync()).Contains("TargetDown"), static () => "TargetDown fires");
        seen.Add("TargetDown");
        output.WriteLine($"{seen.Count} alerts fired: {string.Join(", ", seen.Order())}");
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

                seen.UnionWith(await prometheus.FiringAsync());
                return wanted.All(seen.Contains);
            },
            () => $"missing of the wanted alerts: {string.Join(", ", wanted.Except(seen))}");
        await Task.WhenAll(slow);
        return seen;
    }
}
