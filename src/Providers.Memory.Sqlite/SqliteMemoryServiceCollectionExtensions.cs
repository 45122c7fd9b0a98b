using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Providers.Memory;
using Providers.Memory.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a host's memory durable.</summary>
public static class SqliteMemoryServiceCollectionExtensions
{
    /// <summary>Adds a memory kept in a SQLite file; see <see cref="MemoryServiceCollectionExtensions.AddMemory(IServiceCollection, Action{MemoryOptions}?)"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The database file.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSqliteMemory(this IServiceCollection services, string path, Action<SqliteMemoryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        services.AddMemory();
        SqliteMemoryOptions options = new() { Path = path };
        configure?.Invoke(options);
        services.RemoveAll<IMemoryStore>();
        services.AddSingleton<IMemoryStore>(s => new SqliteMemoryStore(options, s.GetRequiredService<IOptions<MemoryOptions>>().Value.StoreLimits, s.GetRequiredService<TimeProvider>()));
        return services;
    }
}
