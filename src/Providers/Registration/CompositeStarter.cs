using Microsoft.Extensions.Hosting;

namespace Providers.Registration;

/// <summary>Makes a host fail at its start, not at its first request, when the configuration has errors; and starts the probes.</summary>
internal sealed class CompositeStarter(CompositeHost host) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        host.StartProbing();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
