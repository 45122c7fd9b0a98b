using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Providers.Health;

/// <summary>Healthy while every route can be served and every provider is well; degraded while something is out but every route can be served.</summary>
internal sealed class CompositeHealthCheck(IProviderCatalog catalog) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ProviderStatus> providers = catalog.GetProviders();
        Dictionary<string, object> data = providers.ToDictionary(static p => p.Descriptor.Name, static p => (object)Describe(p));
        HashSet<string> gone = [.. providers.Where(static p => p.IsDraining || p.Health is ProviderHealth.Unhealthy).Select(static p => p.Descriptor.Name)];
        string[] dead = [.. catalog.GetRoutes()
            .Where(r => r.Targets.All(t => gone.Contains(t.Provider) || t.Circuit is CircuitState.Open or CircuitState.Isolated))
            .Select(static r => r.Name)];
        if (catalog.IsStopping)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, "The host is stopping; it serves what it has.", data: data));
        }

        if (dead.Length > 0)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, $"No target takes traffic on: {string.Join(", ", dead)}.", data: data));
        }

        string[] amiss = [.. providers
            .Where(p => gone.Contains(p.Descriptor.Name) || p.Health is ProviderHealth.Degraded || p.Targets.Any(static t => t.Circuit is not CircuitState.Closed))
            .Select(static p => p.Descriptor.Name)];
        return Task.FromResult(amiss.Length > 0
            ? HealthCheckResult.Degraded($"Not well: {string.Join(", ", amiss)}; every route can be served.", data: data)
            : HealthCheckResult.Healthy("Every route can be served.", data));
    }

    private static string Describe(ProviderStatus provider) =>
        $"{provider.Health}{(provider.IsDraining ? ", draining" : "")}{string.Concat(provider.Targets.Where(static t => t.Circuit is not CircuitState.Closed).Select(static t => $", {t.Model ?? "default"} {t.Circuit}"))}";
}
