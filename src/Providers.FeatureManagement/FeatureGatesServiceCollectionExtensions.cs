using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.FeatureManagement;
using Providers;
using Providers.FeatureManagement;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets feature flags open and close the gates of routes and targets.</summary>
public static class FeatureGatesServiceCollectionExtensions
{
    /// <summary>
    /// Makes every gate of the host's composites a feature flag. A gate named <c>x</c> is open while the flag <c>x</c> is on; a gate named
    /// <c>!x</c> is open while the flag <c>x</c> is off, which makes <c>x</c> a kill switch. Call <c>AddFeatureManagement()</c> too.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes the defaults; <see langword="null"/> for none.</param>
    /// <returns>The services.</returns>
    /// <remarks>A gate is asked outside of any request's scope, so the feature manager must be a singleton, as <c>AddFeatureManagement()</c> makes it.</remarks>
    public static IServiceCollection AddProviderFeatureGates(this IServiceCollection services, Action<FeatureGateOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        FeatureGateOptions options = new();
        configure?.Invoke(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IRouteGate>(sp => new FeatureGate(
            sp.GetService<IVariantFeatureManager>()
                ?? throw new InvalidOperationException("AddProviderFeatureGates needs a feature manager: call services.AddFeatureManagement() as well, not AddScopedFeatureManagement()."),
            sp.GetRequiredService<IFeatureDefinitionProvider>(),
            options,
            sp.GetRequiredService<TimeProvider>(),
            new FeatureGateTelemetry(sp)));
        return services;
    }
}
