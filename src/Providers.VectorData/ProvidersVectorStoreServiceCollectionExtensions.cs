using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.VectorData;
using Providers.VectorData;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="ProvidersVectorStore"/> and its collections. What has no folder is kept in the memory of the container, shared by all stores and collections of one key.</summary>
public static class ProvidersVectorStoreServiceCollectionExtensions
{
    private const string Reflection = "Mapping to .NET types needs reflection. Register a ProvidersVectorStore and use GetDynamicCollection instead.";

    /// <summary>Registers a <see cref="ProvidersVectorStore"/>, also as <see cref="VectorStore"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The options, or null for a store in memory. Without an embedding generator the registered <see cref="IEmbeddingGenerator"/> is used.</param>
    /// <param name="lifetime">How long a store lives; its collections live as long as the container, or in the folder.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddProvidersVectorStore(
        this IServiceCollection services, ProvidersVectorStoreOptions? options = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        AddKeyedProvidersVectorStore(services, serviceKey: null, _ => options, lifetime);

    /// <summary>Registers a <see cref="ProvidersVectorStore"/>, also as <see cref="VectorStore"/>, with options that depend on services.</summary>
    /// <param name="services">The services.</param>
    /// <param name="optionsProvider">Makes the options; null from it is a store in memory.</param>
    /// <param name="lifetime">How long a store lives; its collections live as long as the container, or in the folder.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddProvidersVectorStore(
        this IServiceCollection services, Func<IServiceProvider, ProvidersVectorStoreOptions?> optionsProvider, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        AddKeyedProvidersVectorStore(services, serviceKey: null, optionsProvider, lifetime);

    /// <summary>Registers a <see cref="ProvidersVectorStore"/> under a key, also as <see cref="VectorStore"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="options">The options, or null for a store in memory.</param>
    /// <param name="lifetime">How long a store lives; its collections live as long as the container, or in the folder.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddKeyedProvidersVectorStore(
        this IServiceCollection services, object? serviceKey, ProvidersVectorStoreOptions? options = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        AddKeyedProvidersVectorStore(services, serviceKey, _ => options, lifetime);

    /// <summary>Registers a <see cref="ProvidersVectorStore"/> under a key, also as <see cref="VectorStore"/>, with options that depend on services.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="optionsProvider">Makes the options; null from it is a store in memory.</param>
    /// <param name="lifetime">How long a store lives; its collections live as long as the container, or in the folder.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddKeyedProvidersVectorStore(
        this IServiceCollection services, object? serviceKey, Func<IServiceProvider, ProvidersVectorStoreOptions?> optionsProvider, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(optionsProvider);
        AddMemory(services, serviceKey);
        services.Add(new ServiceDescriptor(typeof(ProvidersVectorStore), serviceKey, (provider, key) =>
        {
            ProvidersVectorStoreOptions? options = optionsProvider(provider);
            return new ProvidersVectorStore(
                LeaseFor(provider, key, options?.Folder, options?.FlushToDisk ?? true), options?.EmbeddingGenerator ?? provider.GetService<IEmbeddingGenerator>());
        }, lifetime));
        services.Add(new ServiceDescriptor(typeof(VectorStore), serviceKey, static (provider, key) => provider.GetRequiredKeyedService<ProvidersVectorStore>(key), lifetime));
        return services;
    }

    /// <summary>Registers a <see cref="ProvidersCollection{TKey, TRecord}"/>, also by its base class and interfaces.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TRecord">The type of records.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">The collection's name, not empty.</param>
    /// <param name="options">The options, or null for a collection in memory. Without an embedding generator the registered <see cref="IEmbeddingGenerator"/> is used.</param>
    /// <param name="lifetime">How long the object lives; its records live as long as the container, or in the folder.</param>
    /// <returns>The services.</returns>
    [RequiresDynamicCode(Reflection)]
    [RequiresUnreferencedCode(Reflection)]
    public static IServiceCollection AddProvidersVectorStoreCollection<TKey, TRecord>(
        this IServiceCollection services, string name, ProvidersCollectionOptions? options = null, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TKey : notnull
        where TRecord : class =>
        AddKeyedProvidersVectorStoreCollection<TKey, TRecord>(services, serviceKey: null, name, _ => options, lifetime);

    /// <summary>Registers a <see cref="ProvidersCollection{TKey, TRecord}"/> under a key, also by its base class and interfaces.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TRecord">The type of records.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="name">The collection's name, not empty.</param>
    /// <param name="options">The options, or null for a collection in memory.</param>
    /// <param name="lifetime">How long the object lives; its records live as long as the container, or in the folder.</param>
    /// <returns>The services.</returns>
    [RequiresDynamicCode(Reflection)]
    [RequiresUnreferencedCode(Reflection)]
    public static IServiceCollection AddKeyedProvidersVectorStoreCollection<TKey, TRecord>(
        this IServiceCollection services, object? serviceKey, string name, ProvidersCollectionOptions? options = null, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TKey : notnull
        where TRecord : class =>
        AddKeyedProvidersVectorStoreCollection<TKey, TRecord>(services, serviceKey, name, _ => options, lifetime);

    /// <summary>Registers a <see cref="ProvidersCollection{TKey, TRecord}"/> under a key, also by its base class and interfaces, with options that depend on services.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TRecord">The type of records.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="name">The collection's name, not empty.</param>
    /// <param name="optionsProvider">Makes the options; null from it is a collection in memory.</param>
    /// <param name="lifetime">How long the object lives; its records live as long as the container, or in the folder.</param>
    /// <returns>The services.</returns>
    [RequiresDynamicCode(Reflection)]
    [RequiresUnreferencedCode(Reflection)]
    public static IServiceCollection AddKeyedProvidersVectorStoreCollection<TKey, TRecord>(
        this IServiceCollection services, object? serviceKey, string name, Func<IServiceProvider, ProvidersCollectionOptions?> optionsProvider, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(optionsProvider);
        AddMemory(services, serviceKey);
        services.Add(new ServiceDescriptor(typeof(ProvidersCollection<TKey, TRecord>), serviceKey, (provider, key) =>
        {
            ProvidersCollectionOptions? options = optionsProvider(provider);
            IEmbeddingGenerator? generator = options?.EmbeddingGenerator ?? provider.GetService<IEmbeddingGenerator>();
            return new ProvidersCollection<TKey, TRecord>(
                LeaseFor(provider, key, options?.Folder, options?.FlushToDisk ?? true), name, ProvidersCollection<TKey, TRecord>.Model(options?.Definition, generator));
        }, lifetime));
        services.Add(Also<VectorStoreCollection<TKey, TRecord>, TKey, TRecord>(serviceKey, lifetime));
        services.Add(Also<IVectorSearchable<TRecord>, TKey, TRecord>(serviceKey, lifetime));
        services.Add(Also<IKeywordHybridSearchable<TRecord>, TKey, TRecord>(serviceKey, lifetime));
        return services;
    }

    private static ServiceDescriptor Also<TService, TKey, TRecord>(object? serviceKey, ServiceLifetime lifetime)
        where TKey : notnull
        where TRecord : class =>
        new(typeof(TService), serviceKey, static (provider, key) => provider.GetRequiredKeyedService<ProvidersCollection<TKey, TRecord>>(key), lifetime);

    private static void AddMemory(IServiceCollection services, object? serviceKey) => services.TryAdd(
        new ServiceDescriptor(typeof(VectorDatabase), serviceKey, static (_, _) => new VectorDatabase(null, new StorageSettings(FlushToDisk: false)), ServiceLifetime.Singleton));

    private static Lease LeaseFor(IServiceProvider provider, object? serviceKey, string? folder, bool flushToDisk) =>
        folder is null ? Lease.Of(provider.GetRequiredKeyedService<VectorDatabase>(serviceKey)) : Lease.For(folder, flushToDisk);
}
