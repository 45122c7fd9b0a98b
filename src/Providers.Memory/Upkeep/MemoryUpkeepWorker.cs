using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Providers.Memory;

/// <summary>Runs the upkeep round after round until the host stops.</summary>
internal sealed class MemoryUpkeepWorker(MemoryUpkeep upkeep, MemoryUpkeepOptions options, TimeProvider clock, ILogger<MemoryUpkeepWorker> log) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = LoopAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        while (true)
        {
            await Task.Delay(options.Interval, clock, _stop.Token).ConfigureAwait(false);
            try
            {
                MemoryUpkeepReport report = await upkeep.RunAsync(_stop.Token).ConfigureAwait(false);
                log.RoundDone(report.Expired, report.Archived, report.Purged, report.Reembedded, report.Consolidated, report.Failed);
            }
#pragma warning disable CA1031 // the next round tries again
            catch (Exception e) when (!_stop.IsCancellationRequested)
#pragma warning restore CA1031
            {
                log.RoundFailed(e.GetType().Name, e);
            }
        }
    }
}
