using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Providers.Memory;
using Providers.Memory.Postgres;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a host's memory durable, and common to many hosts.</summary>
public static class PostgresMemoryServiceCollectionExtensions
{
    /// <summary>Adds a memory kept in PostgreSQL; see <see cref="MemoryServiceCollectionExtensions.AddMemory(IServiceCollection, Action{MemoryOptions}?)"/>. The server is first asked when the memory is first used.</summary>
    /// <param name="services">The services.</param>
    /// <param name="connectionString">How the server is reached, in Npgsql's words; empty where <paramref name="configure"/> sets a data source.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public static IServiceCollection AddPostgresMemory(this IServiceCollection services, string connectionString, Action<PostgresMemoryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(connectionString);
        PostgresMemoryOptions options = new() { ConnectionString = connectionString };
        configure?.Invoke(options);
        options.Check();
        services.AddMemory();
        services.RemoveAll<IMemoryStore>();
        services.AddSingleton<IMemoryStore>(s => new PostgresMemoryStore(options, s.GetRequiredService<IOptions<MemoryOptions>>().Value.StoreLimits, s.GetRequiredService<TimeProvider>(), s.GetService<ILogger<PostgresMemoryStore>>()));
        return services;
    }
}
