using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.VectorData;
using Providers.Memory;
using Providers.Memory.VectorData;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps a host's memory in a vector store.</summary>
public static class VectorDataMemoryServiceCollectionExtensions
{
    /// <summary>Adds the memory, kept in the host's <see cref="VectorStore"/>.</summary>
    /// <param name="services">The services; one of them is the <see cref="VectorStore"/>.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IServiceCollection AddVectorDataMemory(this IServiceCollection services, Action<VectorDataMemoryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        VectorDataMemoryOptions options = new();
        configure?.Invoke(options);
        options.Check();
        services.AddMemory();
        services.RemoveAll<IMemoryStore>();
        services.AddSingleton<IMemoryStore>(s => new VectorDataMemoryStore(
            s.GetRequiredService<VectorStore>(), options, s.GetRequiredService<IOptions<MemoryOptions>>().Value.StoreLimits, s.GetRequiredService<TimeProvider>()));
        return services;
    }
}
