using Providers.Plans;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Health;

/// <summary>Probes one provider again and again, one probe at a time, and moves its health: down after several failures in a row, up after one success.</summary>
internal sealed class HealthProbe : IAsyncDisposable
{
    private readonly ProviderState _state;
    private readonly HealthOptions _options;
    private readonly CompositeTelemetry _telemetry;
    private readonly Clock _clock;
    private readonly Dice _dice;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public HealthProbe(ProviderState state, HealthOptions options, CompositeTelemetry telemetry, Clock clock, Dice dice)
    {
        _state = state;
        _options = options;
        _telemetry = telemetry;
        _clock = clock;
        _dice = dice;
        using (ExecutionContext.SuppressFlow())
        {
            _loop = RunAsync();
        }
    }

    /// <summary>Says whether the probe already does what these options ask.</summary>
    public bool Follows(HealthOptions options) =>
        (options.Interval, options.Timeout, options.UnhealthyThreshold) == (_options.Interval, _options.Timeout, _options.UnhealthyThreshold);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            ProviderHealthReport report = await ProbeAsync().ConfigureAwait(false);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            failures = report.Health is ProviderHealth.Unhealthy ? failures + 1 : 0;
            if (failures == 0 || failures >= _options.UnhealthyThreshold)
            {
                Move(report);
            }

            double jitter = 0.9 + (0.2 * _dice.NextDouble());
            await Task.Delay(_options.Interval * jitter, _clock.Provider, _stop.Token).ConfigureAwait(false);
        }
    }

    private async Task<ProviderHealthReport> ProbeAsync()
    {
        using CancellationTokenSource limit = new(_options.Timeout, _clock.Provider);
        using CancellationTokenRegistration stop = _stop.Token.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), limit);
        try
        {
            // A probe that ignores its token is left behind.
            return await _state.Provider.CheckHealthAsync(limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new ProviderHealthReport(ProviderHealth.Unhealthy, $"No answer to the health probe within {_options.Timeout.TotalSeconds:0.###} s.");
        }
        catch (Exception e)
        {
            return new ProviderHealthReport(ProviderHealth.Unhealthy, $"The health probe failed: {e.GetType().Name}.");
        }
    }

    private void Move(ProviderHealthReport report)
    {
        ProviderHealth before = _state.Health;
        _state.SetHealth(report.Health, report.Detail);
        if (before != report.Health && (before is not ProviderHealth.Unknown || report.Health is not ProviderHealth.Healthy))
        {
            _telemetry.Log.HealthChanged(_state.Name, report.Health, report.Detail);
        }

        if (before is ProviderHealth.Unhealthy && report.Health is not ProviderHealth.Unhealthy)
        {
            foreach (TargetState target in _state.Targets)
            {
                target.Circuit.EndBreak(_clock.Now);
            }
        }
    }
}
