using Microsoft.Extensions.Hosting;

namespace Providers.Registration;

/// <summary>
/// Makes a host fail at its start, not at its first request, when the configuration has errors, and starts the probes. When the host is told
/// to stop, it is not ready from that moment on, keeps serving for the balancer's sake, and ends after its last request.
/// </summary>
internal sealed class CompositeStarter(CompositeHost host) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        host.StartProbing();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Before any service stops, so the server's sockets are still open.
    public Task StoppingAsync(CancellationToken cancellationToken) => host.AnnounceStopAsync(cancellationToken);

    // The servers, registered later, have stopped: nothing new comes in.
    public Task StopAsync(CancellationToken cancellationToken) => host.DrainAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
