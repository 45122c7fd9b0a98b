using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Providers.AspNetCore;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Hosting;
using Providers.AspNetCore.Memories;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Status;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the REST door to a host; <c>MapProviders</c> and <c>MapMemory</c> open it.</summary>
public static class GatewayServiceCollectionExtensions
{
    /// <summary>Adds what the REST door needs. Calling it again changes only the options.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddProvidersGateway(this IServiceCollection services, Action<GatewayOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<GatewayOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GatewayOptions>, GatewayOptionsCheck>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IApiKeyStore>(static s => new FileApiKeyStore(
            s.GetRequiredService<IOptions<GatewayOptions>>().Value.Authentication.KeyFile, s.GetRequiredService<TimeProvider>(), s.GetService<ILoggerFactory>()?.CreateLogger("Providers.AspNetCore")));
        services.TryAddSingleton(AuthenticatorFactory.Create);
        services.TryAddSingleton<KeyExpiry>();
        services.TryAddSingleton<DrainState>();
        services.TryAddSingleton<GatewayServices>();
        services.TryAddSingleton<ReadinessProbe>();
        services.TryAddSingleton<StatusBoard>();
        services.TryAddSingleton<IdempotencyGate>();
        services.TryAddSingleton<JobBoard>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, LeftoverErrors>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GatewayLifetime>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StatusBoard>(static s => s.GetRequiredService<StatusBoard>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<HostOptions>, ShutdownTime>());
        return services;
    }

    /// <summary>Adds what the REST door needs, with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section with the keys of <see cref="GatewayOptions"/>.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddProvidersGateway(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddProvidersGateway(options => section.Bind(options));
    }
}
