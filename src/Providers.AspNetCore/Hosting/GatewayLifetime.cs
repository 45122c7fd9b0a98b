using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.Hosting;

/// <summary>
/// Drains the host before its server stops: not ready at once, requests still taken for the balancer's sake, then none any more and those under
/// way finished, then streams cut with an error event. A second signal ends the process at once.
/// </summary>
internal sealed class GatewayLifetime(GatewayServices services, KeyExpiry expiry) : IHostedLifecycleService, IDisposable
{
    private PosixSignalRegistration? _terminate;
    private int _signals;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _ = expiry; // watches from the start
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        DrainState drain = services.Drain;
        GatewayOptions options = services.Options;
        drain.Begin();
        services.Logger.Draining(options.DrainDelay.TotalSeconds, drain.Requests, options.DrainTimeout.TotalSeconds);
        try
        {
            await Task.Delay(options.DrainDelay, services.Clock, cancellationToken).ConfigureAwait(false);
            drain.Close();
            await drain.WhenIdleAsync().WaitAsync(options.DrainTimeout, services.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            drain.Close();
            services.Logger.DrainCut(drain.Requests);
            await drain.CutAsync().ConfigureAwait(false);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _terminate?.Dispose();

    private void OnTerminate(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit(128 + 15); // whoever sends it twice does not want to wait
        }
    }
}
