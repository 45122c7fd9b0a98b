using Providers.Plans;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Health;

/// <summary>Runs one probe loop per provider beside the traffic, and follows the plan when it changes.</summary>
internal sealed class HealthMonitor : IAsyncDisposable
{
    private readonly PlanSource _plans;
    private readonly CompositeTelemetry _telemetry;
    private readonly Clock _clock;
    private readonly Dice _dice;
    private readonly Lock _gate = new();
    private readonly Dictionary<ProviderState, HealthProbe> _probes = [];
    private bool _disposed;

    public HealthMonitor(PlanSource plans, CompositeTelemetry telemetry, Clock clock, Dice dice)
    {
        _plans = plans;
        _telemetry = telemetry;
        _clock = clock;
        _dice = dice;
        plans.Changed += Follow;
    }

    /// <summary>Starts probing; calling it again does nothing.</summary>
    public void Start() => Follow(_plans.Current);

    public async ValueTask DisposeAsync()
    {
        _plans.Changed -= Follow;
        HealthProbe[] probes;
        lock (_gate)
        {
            _disposed = true;
            probes = [.. _probes.Values];
            _probes.Clear();
        }

        foreach (HealthProbe probe in probes)
        {
            await probe.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Follow(CompositePlan plan)
    {
        HealthOptions options = plan.Options.Health;
        lock (_gate)
        {
            bool probes = options.Enabled && !_disposed;
            foreach ((ProviderState provider, HealthProbe probe) in _probes.ToArray())
            {
                if (!probes || !plan.Providers.Contains(provider) || !probe.Follows(options))
                {
                    _probes.Remove(provider);
                    _ = StopAsync(provider, probe, forget: !probes);
                }
            }

            foreach (ProviderState provider in probes ? plan.Providers : [])
            {
                if (!_probes.ContainsKey(provider))
                {
                    _probes.Add(provider, new HealthProbe(provider, options, _telemetry, _clock, _dice));
                }
            }
        }
    }

    // What a probe once found is not held against a provider that nobody asks any more.
    private static async Task StopAsync(ProviderState provider, HealthProbe probe, bool forget)
    {
        await probe.DisposeAsync().ConfigureAwait(false);
        if (forget)
        {
            provider.SetHealth(ProviderHealth.Unknown, null);
        }
    }
}
