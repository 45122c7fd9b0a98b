using Microsoft.Extensions.Logging;

namespace Providers.Memory.Postgres;

internal static partial class PostgresLog
{
    [LoggerMessage(EventId = 801, Level = LogLevel.Information, Message = "Memory in schema {Schema} is at version {Version}; vectors are kept {How}.")]
    public static partial void Opened(this ILogger logger, string schema, int version, string how);

    [LoggerMessage(EventId = 802, Level = LogLevel.Warning, Message = "PostgreSQL is away ({Error}); try {Attempt} follows in {DelayMs:F0} ms.")]
    public static partial void TryingAgain(this ILogger logger, string error, int attempt, double delayMs);

    [LoggerMessage(EventId = 803, Level = LogLevel.Information, Message = "Vector space {Space} with {Dimensions} dimensions got its HNSW index in {ElapsedMs:F0} ms.")]
    public static partial void Indexed(this ILogger logger, long space, int dimensions, double elapsedMs);

    [LoggerMessage(EventId = 804, Level = LogLevel.Warning, Message = "Vector space {Space} has no HNSW index: {Reason} It is searched one by one until ReindexAsync succeeds.")]
    public static partial void NotIndexed(this ILogger logger, long space, string reason);

    [LoggerMessage(EventId = 805, Level = LogLevel.Warning, Message = "Pages of erased memories could not be vacuumed: {Reason} The server does it in its own time.")]
    public static partial void NotVacuumed(this ILogger logger, string reason);
}
