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
        lock (_gate)
        {
            foreach (ProviderState gone in _probes.Keys.Except(plan.Providers).ToArray())
            {
                _ = _probes[gone].DisposeAsync().AsTask();
                _probes.Remove(gone);
            }

            if (_disposed || !plan.Options.Health.Enabled)
            {
                return;
            }

            foreach (ProviderState provider in plan.Providers)
            {
                if (!_probes.ContainsKey(provider))
                {
                    _probes.Add(provider, new HealthProbe(provider, plan.Options.Health, _telemetry, _clock, _dice));
                }
            }
        }
    }
}
