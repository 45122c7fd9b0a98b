using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Providers.AspNetCore.Admin;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Pipeline;
using Providers.Memory;

namespace Providers.AspNetCore.Status;

/// <summary>Looks at the host every second while it runs, and tells what it sees to whoever watches.</summary>
internal sealed class StatusBoard(IServiceProvider services, GatewayServices gateway, ReadinessProbe readiness) : BackgroundService
{
    private const int MostScopes = 200;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_memoryInterval = TimeSpan.FromSeconds(15);

    private readonly IProviderCatalog? _catalog = services.GetService<IProviderCatalog>();
    private readonly IMemoryStore? _store = services.GetService<IMemoryStore>();
    private readonly IncidentLog _incidents = new();
    private TaskCompletionSource<StatusView> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile MemorySizeView? _memory;

    /// <summary>Waits for the next look.</summary>
    public Task<StatusView> NextAsync(CancellationToken cancellationToken) => Volatile.Read(ref _next).Task.WaitAsync(cancellationToken);

    public async Task<StatusView> NowAsync()
    {
        IReadOnlyList<ProviderStatus> providers = _catalog?.GetProviders() ?? [];
        DateTimeOffset now = gateway.Clock.GetUtcNow();
        _incidents.Look(providers, now);
        HealthView health = await readiness.LookAsync().ConfigureAwait(false);
        return new StatusView(now, health.Status, gateway.Authenticator.IsOpen, gateway.Admission.InFlight, gateway.Traffic.Snapshot())
        {
            Providers = [.. providers.Select(CatalogView.Of)],
            Routes = [.. _catalog?.GetRoutes().Select(r => CatalogView.Of(r, providers)) ?? []],
            Memory = _memory,
            Incidents = _incidents.Latest(),
        };
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? measured = null;
        Task measuring = Task.CompletedTask;
        using PeriodicTimer timer = new(s_interval, gateway.Clock);
        do
        {
            if (_store is not null && measuring.IsCompleted && (measured is null || gateway.Clock.GetElapsedTime(measured.Value) >= s_memoryInterval))
            {
                measured = gateway.Clock.GetTimestamp();
                measuring = MeasureAsync(_store, stoppingToken); // beside the looks: a store that does not answer is what people look for
            }

            try
            {
                StatusView view = await NowAsync().ConfigureAwait(false);
                Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(view);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                gateway.Logger.LookFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    // Never throws: a cancellation of the store's own would otherwise stop the host.
    private async Task MeasureAsync(IMemoryStore store, CancellationToken stoppingToken)
    {
        try
        {
            _memory = await SizeAsync(store, stoppingToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (!stoppingToken.IsCancellationRequested)
            {
                gateway.Logger.LookFailed(e);
            }
        }
    }

    private static async Task<MemorySizeView> SizeAsync(IMemoryStore store, CancellationToken cancellationToken)
    {
        long count = 0, bytes = 0;
        int scopes = 0;
        await foreach (MemoryScope scope in store.ListScopesAsync(null, "", cancellationToken).ConfigureAwait(false))
        {
            if (scope.IsReserved)
            {
                continue; // the suite's own records are nobody's memories
            }

            MemoryStats stats = await store.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
            count += stats.Count;
            bytes += stats.TextBytes;
            if (++scopes == MostScopes)
            {
                break; // enough to see how it grows
            }
        }

        return new MemorySizeView(count, bytes, scopes);
    }
}
