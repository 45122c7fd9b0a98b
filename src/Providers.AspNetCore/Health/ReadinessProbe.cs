using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;

namespace Providers.AspNetCore.Health;

/// <summary>Finds out whether requests could be served: the store writable, a target for chat. One look at a time, good for a second.</summary>
internal sealed class ReadinessProbe(IServiceProvider services, DrainState drain, TimeProvider clock)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private readonly IMemoryStore? _store = services.GetService<IMemoryStore>();
    private readonly IProviderCatalog? _catalog = services.GetService<IProviderCatalog>();
    private readonly bool _chats = services.GetService<IChatClient>() is not null;
    private readonly Lock _lock = new();
    private Task<HealthView>? _look;
    private long _looked;

    public async Task<HealthView> LookAsync()
    {
        if (drain.IsDraining || _catalog is { IsStopping: true }) // whichever was told first
        {
            return new HealthView("not_ready") { Parts = [new HealthPartView("host", "failed") { Detail = "The host is shutting down." }] };
        }

        Task<HealthView> look;
        lock (_lock)
        {
            if (_look is null || (_look.IsCompleted && clock.GetElapsedTime(_looked) >= s_fresh))
            {
                _looked = clock.GetTimestamp();
                _look = LookNowAsync();
            }

            look = _look;
        }

        return await look.ConfigureAwait(false);
    }

    private async Task<HealthView> LookNowAsync()
    {
        List<HealthPartView> parts = [];
        if (_store is not null)
        {
            parts.Add(await StoreAsync(_store).ConfigureAwait(false));
        }

        if (_catalog is not null && _chats)
        {
            parts.Add(Providers(_catalog));
        }

        string status = parts.Exists(static p => p.Status == "failed") ? "not_ready" : parts.Exists(static p => p.Status == "degraded") ? "degraded" : "ready";
        return new HealthView(status) { Parts = parts };
    }

    private async Task<HealthPartView> StoreAsync(IMemoryStore store)
    {
        try
        {
            using CancellationTokenSource late = new(s_patience, clock);
            await store.CheckAsync(late.Token).AsTask().WaitAsync(s_patience, clock).ConfigureAwait(false);
            return new HealthPartView("memory", "ok");
        }
        catch (Exception e)
        {
            return new HealthPartView("memory", "failed")
            {
                Detail = e is TimeoutException or OperationCanceledException ? $"The store did not answer within {s_patience.TotalMilliseconds:F0} ms." : $"The store failed: {e.GetType().Name}.",
            };
        }
    }

    private static HealthPartView Providers(IProviderCatalog catalog)
    {
        IReadOnlyList<ProviderStatus> providers = catalog.GetProviders();
        RouteStatus? route = catalog.GetRoutes().FirstOrDefault(static r => r.IsDefault);
        if (route is null)
        {
            return new HealthPartView("providers", "failed") { Detail = "There is no default route." };
        }

        Admin.RouteView view = Admin.CatalogView.Of(route, providers);
        return view.ServesNow is null ? new HealthPartView("providers", "failed") { Detail = string.Join(" ", view.Targets.Select(static t => $"{t.Provider}: {t.Reason}")) }
            : view.Targets[0].Usable ? new HealthPartView("providers", "ok") { Detail = $"{view.ServesNow} serves." }
            : new HealthPartView("providers", "degraded") { Detail = $"{view.ServesNow} serves. {view.Targets[0].Provider}: {view.Targets[0].Reason}" };
    }
}
