using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Providers;
using Providers.Memory;
using Providers.Memory.Tools;
using Providers.Tools;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a memory to a host.</summary>
public static class MemoryServiceCollectionExtensions
{
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
        services.TryAddSingleton<IMemoryStore>(static s => new InMemoryStore(Options.Options.Create(s.GetRequiredService<IOptions<MemoryOptions>>().Value.Limits), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMemoryService>(static s => new MemoryService(
            s.GetRequiredService<IMemoryStore>(),
            s.GetService<IEmbeddingGenerator<string, Embedding<float>>>() ?? new LexicalEmbeddingGenerator(),
            s.GetRequiredService<IOptions<MemoryOptions>>(),
            s.GetService<IReranker>(),
            s.GetRequiredService<TimeProvider>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IToolset, MemoryToolset>(static s => new MemoryToolset(
            s.GetRequiredService<IMemoryService>(),
            s.GetRequiredService<IOptions<MemoryOptions>>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetService<ILogger<MemoryToolset>>() ?? NullLogger<MemoryToolset>.Instance)));
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
}
