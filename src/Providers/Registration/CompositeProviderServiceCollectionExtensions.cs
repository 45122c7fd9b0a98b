using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Providers;
using Providers.Registration;
using Providers.Tools;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a composite provider to a host: one <see cref="IChatClient"/>, one embedding generator, one reranker and the catalogue.</summary>
public static class CompositeProviderServiceCollectionExtensions
{
    /// <summary>Adds a composite of what this machine offers: MLX, Ollama, and OpenAI when a key is set, of those adapters that are referenced.</summary>
    /// <param name="services">The host's services.</param>
    /// <returns>A builder for further providers, routes and options.</returns>
    public static ICompositeProviderBuilder AddCompositeProvider(this IServiceCollection services) => Add(services, "", null, null);

    /// <summary>Adds a composite that is built in code.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Adds providers and routes.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddCompositeProvider(this IServiceCollection services, Action<ICompositeProviderBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, "", null, configure);
    }

    /// <summary>Adds a composite that is read from configuration, and follows it while the host runs.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">The section, shaped like <see cref="CompositeOptions"/>; one that does not exist means zero configuration.</param>
    /// <param name="configure">Adds to it in code; <see langword="null"/> for nothing.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddCompositeProvider(this IServiceCollection services, IConfiguration section, Action<ICompositeProviderBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, "", _ => section, configure);
    }

    /// <summary>Adds a composite to a host: the section <c>Providers</c> of its configuration, or zero configuration without one.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Adds to it in code; <see langword="null"/> for nothing.</param>
    /// <returns>The composite's builder.</returns>
    public static ICompositeProviderBuilder AddCompositeProvider(this IHostApplicationBuilder builder, Action<ICompositeProviderBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IConfiguration section = builder.Configuration.GetSection("Providers");
        return Add(builder.Services, "", _ => section, configure);
    }

    /// <summary>Adds one of several composites; its clients are keyed services.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The service key; not empty.</param>
    /// <param name="section">The section; <see langword="null"/> for none.</param>
    /// <param name="configure">Adds to it in code; <see langword="null"/> for nothing.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddKeyedCompositeProvider(
        this IServiceCollection services, string name, IConfiguration? section = null, Action<ICompositeProviderBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Add(services, name, section is null ? null : _ => section, configure);
    }

    private static CompositeProviderBuilder Add(
        IServiceCollection services, string name, Func<IServiceProvider, IConfiguration?>? section, Action<ICompositeProviderBuilder>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        object key = new CompositeKey(name);
        CompositeProviderBuilder? builder = services
            .FirstOrDefault(d => d.IsKeyedService && Equals(d.ServiceKey, key) && d.ServiceType == typeof(CompositeProviderBuilder))
            ?.KeyedImplementationInstance as CompositeProviderBuilder;
        if (builder is null)
        {
            builder = new CompositeProviderBuilder(name, services);
            Register(services, name, key, builder);
        }

        builder.Section = section ?? builder.Section;
        configure?.Invoke(builder);
        return builder;
    }

    private static void Register(IServiceCollection services, string name, object key, CompositeProviderBuilder builder)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(key, builder);
        services.AddKeyedSingleton(key, (sp, _) => new CompositeHost(sp, builder));
        services.AddSingleton<IHostedService>(sp => new CompositeStarter(sp.GetRequiredKeyedService<CompositeHost>(key)));
        if (name.Length == 0)
        {
            services.TryAddSingleton(sp => sp.GetRequiredKeyedService<CompositeHost>(key).ChatClient);
            services.TryAddSingleton(sp => sp.GetRequiredKeyedService<CompositeHost>(key).EmbeddingGenerator);
            services.TryAddSingleton(sp => sp.GetRequiredKeyedService<CompositeHost>(key).Reranker);
            services.TryAddSingleton(sp => sp.GetRequiredKeyedService<CompositeHost>(key).Catalog);
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IToolset, ProviderToolset>(static sp => new ProviderToolset(
                sp.GetRequiredService<IChatClient>(),
                sp.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(),
                sp.GetRequiredService<IProviderCatalog>(),
                sp.GetService<ILogger<ProviderToolset>>() ?? NullLogger<ProviderToolset>.Instance)));
        }
        else
        {
            services.TryAddKeyedSingleton(name, (sp, _) => sp.GetRequiredKeyedService<CompositeHost>(key).ChatClient);
            services.TryAddKeyedSingleton(name, (sp, _) => sp.GetRequiredKeyedService<CompositeHost>(key).EmbeddingGenerator);
            services.TryAddKeyedSingleton(name, (sp, _) => sp.GetRequiredKeyedService<CompositeHost>(key).Reranker);
            services.TryAddKeyedSingleton(name, (sp, _) => sp.GetRequiredKeyedService<CompositeHost>(key).Catalog);
        }
    }

    /// <summary>Keeps our keyed services apart from the host's own.</summary>
    private sealed record CompositeKey(string Name);
}
