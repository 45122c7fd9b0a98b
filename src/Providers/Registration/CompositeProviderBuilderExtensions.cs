using Microsoft.Extensions.AI;
using Providers;
using Providers.Registration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds clients a host already has, routes and options to a composite.</summary>
public static class CompositeProviderBuilderExtensions
{
    /// <summary>Adds a provider of the host's own making.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <param name="create">Makes it; called once.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddProvider(this ICompositeProviderBuilder builder, string name, Func<IServiceProvider, IModelProvider> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        return builder.AddProvider(new ProviderRegistration(name, "Custom", create));
    }

    /// <summary>Adds a chat client a host already has, a routing or failover one too.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <param name="create">Makes the client; called once. The container disposes what it made; the composite disposes nothing.</param>
    /// <param name="describe">Completes the description (models, locality); <see langword="null"/> for nothing.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddChatClient(
        this ICompositeProviderBuilder builder, string name, Func<IServiceProvider, IChatClient> create, Func<ProviderDescriptor, ProviderDescriptor>? describe = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        return builder.AddProvider(new ProviderRegistration(name, "Client", sp => new ClientProvider(Describe(name, describe), create(sp), null)));
    }

    /// <summary>Adds an embedding generator a host already has.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <param name="create">Makes the generator; called once. The composite does not dispose it.</param>
    /// <param name="describe">Completes the description (models with their vector space); <see langword="null"/> for nothing.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddEmbeddingGenerator(
        this ICompositeProviderBuilder builder, string name, Func<IServiceProvider, IEmbeddingGenerator<string, Embedding<float>>> create,
        Func<ProviderDescriptor, ProviderDescriptor>? describe = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        return builder.AddProvider(new ProviderRegistration(name, "Client", sp => new ClientProvider(Describe(name, describe), null, create(sp))));
    }

    /// <summary>Adds or changes a route.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="name">The route's name.</param>
    /// <param name="configure">Fills it.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddRoute(this ICompositeProviderBuilder builder, string name, Action<RouteOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.Configure(options =>
        {
            if (!options.Routes.TryGetValue(name, out RouteOptions? route))
            {
                options.Routes[name] = route = new RouteOptions();
            }

            configure(route);
        });
    }

    /// <summary>Adds or changes a route by the targets it prefers, in order.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="name">The route's name.</param>
    /// <param name="targets">Each a provider, or <c>provider/model</c>.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddRoute(this ICompositeProviderBuilder builder, string name, params string[] targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return builder.AddRoute(name, route =>
        {
            foreach (string target in targets)
            {
                int slash = target.IndexOf('/', StringComparison.Ordinal);
                route.Targets.Add(slash < 0
                    ? new TargetOptions { Provider = target }
                    : new TargetOptions { Provider = target[..slash], Model = target[(slash + 1)..] });
            }
        });
    }

    /// <summary>Changes options; runs after the configuration was read, at every reload.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="configure">Changes them.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder Configure(this ICompositeProviderBuilder builder, Action<CompositeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Own(builder).Configure.Add(configure);
        return builder;
    }

    /// <summary>Puts middleware above the composite: function invocation, caching, telemetry. A failover never runs a tool twice.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="configure">Adds the middleware, the outermost first.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder UseChatPipeline(this ICompositeProviderBuilder builder, Action<ChatClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Own(builder).ChatPipeline += configure;
        return builder;
    }

    /// <summary>Fixes the seed of all random choices (weights, jitter), for tests and simulations.</summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder UseSeed(this ICompositeProviderBuilder builder, ulong seed)
    {
        Own(builder).Seed = seed;
        return builder;
    }

    private static CompositeProviderBuilder Own(ICompositeProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder as CompositeProviderBuilder
            ?? throw new ArgumentException($"The builder is a {builder.GetType().Name}; only the one AddCompositeProvider returned can be configured.", nameof(builder));
    }

    private static ProviderDescriptor Describe(string name, Func<ProviderDescriptor, ProviderDescriptor>? describe)
    {
        ProviderDescriptor descriptor = new(name, "Client");
        return describe?.Invoke(descriptor) ?? descriptor;
    }
}
