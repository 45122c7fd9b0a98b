using Microsoft.Extensions.Diagnostics.HealthChecks;
using Providers;
using Providers.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a composite to a host's health checks.</summary>
public static class ProvidersHealthChecksBuilderExtensions
{
    /// <summary>Reports healthy while every route can be served, degraded while something is out, and the failure status when a route has no target left.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="composite">The key of the composite; <see langword="null"/> for the default one.</param>
    /// <param name="failureStatus">The status when a route cannot be served; <see langword="null"/> for unhealthy.</param>
    /// <param name="tags">The check's tags; <see langword="null"/> for none.</param>
    /// <returns>The builder.</returns>
    public static IHealthChecksBuilder AddProviders(
        this IHealthChecksBuilder builder, string name = "providers", string? composite = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            sp => new CompositeHealthCheck(composite is null ? sp.GetRequiredService<IProviderCatalog>() : sp.GetRequiredKeyedService<IProviderCatalog>(composite)),
            failureStatus, tags));
    }
}
