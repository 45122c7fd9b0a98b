using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Providers;
using Providers.Memory;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a memory to a host.</summary>
public static class MemoryServiceCollectionExtensions
{
    /// <summary>
    /// The key under which a host registers the embedding generator it used before. Until every memory is embedded again, searches ask the old space too.
    /// </summary>
    public const string PreviousEmbeddings = "memory-previous-embeddings";

    /// <summary>Adds <see cref="IMemoryService"/> and <see cref="IMemoryStore"/>. Calling it again changes only the options.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// Memories are kept in process unless a durable store is added (<c>AddSqliteMemory</c>), and embedded by the host's
    /// <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>, or by spelling (<see cref="LexicalEmbeddingGenerator"/>) where it has none.
    /// </remarks>
    public static IServiceCollection AddMemory(this IServiceCollection services, Action<MemoryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<MemoryOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MemoryOptions>, MemoryOptionsCheck>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IMemoryStore>(static s => new InMemoryStore(Options.Options.Create(s.GetRequiredService<IOptions<MemoryOptions>>().Value.StoreLimits), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMemoryService>(static s => new MemoryService(
            s.GetRequiredService<IMemoryStore>(),
            s.GetService<IEmbeddingGenerator<string, Embedding<float>>>() ?? new LexicalEmbeddingGenerator(),
            s.GetRequiredService<IOptions<MemoryOptions>>(),
            new MemoryParts
            {
                Reranker = s.GetService<IReranker>(),
                Redactors = [.. s.GetServices<IMemoryRedactor>()],
                Previous = s.GetKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(PreviousEmbeddings),
            },
            s.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Adds <see cref="IMemoryService"/> and <see cref="IMemoryStore"/> with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section with the keys of <see cref="MemoryOptions"/>.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddMemory(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddMemory(options => section.Bind(options));
    }

    /// <summary>Takes personal data out of texts, metadata, tags and queries before they are embedded, stored or searched for.</summary>
    /// <param name="services">The services.</param>
    /// <param name="kinds">What to take out. Default: all.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddMemoryRedaction(this IServiceCollection services, PersonalData kinds = PersonalData.All)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IMemoryRedactor>(new PatternRedactor(kinds));
    }

    /// <summary>Encrypts what memories say before the store sees it (<see cref="EncryptedMemoryStore"/>). Call it after the store is added.</summary>
    /// <param name="services">The services.</param>
    /// <param name="keys">Makes what wraps the tenants' keys.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddMemoryEncryption(this IServiceCollection services, Func<IServiceProvider, IMemoryKeyProvider> keys, Action<MemoryEncryptionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(keys);
        services.AddMemory(static o => o.Encrypted = true);
        MemoryEncryptionOptions options = new();
        configure?.Invoke(options);
        ServiceDescriptor store = services.Last(static d => d.ServiceType == typeof(IMemoryStore) && !d.IsKeyedService);
        services.Remove(store);
        services.TryAddSingleton(keys);
        services.AddSingleton(s => new EncryptedMemoryStore(
            (IMemoryStore)(store.ImplementationInstance ?? store.ImplementationFactory!(s)), s.GetRequiredService<IMemoryKeyProvider>(), options, s.GetRequiredService<IOptions<MemoryOptions>>().Value.Limits, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IMemoryStore>(static s => s.GetRequiredService<EncryptedMemoryStore>());
        return services;
    }

    /// <summary>Looks after the memory in the background: expiry, archive, embedding again, and consolidation where it is added.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddMemoryUpkeep(this IServiceCollection services, Action<MemoryUpkeepOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddMemory();
        services.AddOptions<MemoryUpkeepOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MemoryUpkeepOptions>, MemoryUpkeepOptionsCheck>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(static s => new MemoryUpkeep(
            s.GetRequiredService<IMemoryService>(), s.GetRequiredService<IOptions<MemoryUpkeepOptions>>().Value, s.GetService<MemoryConsolidator>(), s.GetRequiredService<TimeProvider>(), s.GetService<ILogger<MemoryUpkeep>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MemoryUpkeepWorker>(static s => new MemoryUpkeepWorker(
            s.GetRequiredService<MemoryUpkeep>(), s.GetRequiredService<IOptions<MemoryUpkeepOptions>>().Value, s.GetRequiredService<TimeProvider>(), s.GetService<ILogger<MemoryUpkeepWorker>>() ?? NullLogger<MemoryUpkeepWorker>.Instance)));
        return services;
    }

    /// <summary>Lets the upkeep put old memories together with the host's <see cref="IChatClient"/>. It costs calls of the model: nothing does it unless this is called.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddMemoryConsolidation(this IServiceCollection services, Action<MemoryConsolidationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        MemoryConsolidationOptions options = new();
        configure?.Invoke(options);
        services.AddMemory();
        services.TryAddSingleton(s => new MemoryConsolidator(s.GetRequiredService<IMemoryService>(), s.GetRequiredService<IChatClient>(), options, s.GetRequiredService<TimeProvider>()));
        return services;
    }
}
