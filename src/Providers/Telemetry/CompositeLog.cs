using Microsoft.Extensions.Logging;

namespace Providers.Telemetry;

/// <summary>What a composite logs; event ids 100 to 199. Never prompts or keys.</summary>
internal static partial class CompositeLog
{
    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "{Report}")]
    public static partial void Started(this ILogger logger, string report);

    [LoggerMessage(EventId = 101, Level = LogLevel.Warning, Message = "Provider '{Provider}' (model '{Model}') failed with {Kind} after {ElapsedMs:F0} ms on route '{Route}': {Reason}")]
    public static partial void AttemptFailed(this ILogger logger, string provider, string? model, FailureKind kind, double elapsedMs, string route, string reason);

    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "The circuit of '{Provider}' (model '{Model}') is now {State}.")]
    public static partial void CircuitMoved(this ILogger logger, string provider, string? model, CircuitState state);

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "Provider '{Provider}' is now {Health}: {Detail}")]
    public static partial void HealthChanged(this ILogger logger, string provider, ProviderHealth health, string? detail);

    [LoggerMessage(EventId = 104, Level = LogLevel.Information, Message = "Configuration reloaded. {Report}")]
    public static partial void Reloaded(this ILogger logger, string report);

    [LoggerMessage(EventId = 105, Level = LogLevel.Error, Message = "The changed configuration has {Count} errors; the last good one stays in force. {Errors}")]
    public static partial void ReloadRefused(this ILogger logger, int count, string errors);

    [LoggerMessage(EventId = 107, Level = LogLevel.Warning, Message = "The host stops with {Count} requests still under way after {Seconds} s; they are cut. Raise Drain:Timeout, and the host's ShutdownTimeout with it, if they need longer.")]
    public static partial void DrainCut(this ILogger logger, int count, double seconds);

    [LoggerMessage(EventId = 106, Level = LogLevel.Warning, Message = "Disposing provider '{Provider}' failed.")]
    public static partial void DisposeFailed(this ILogger logger, string provider, Exception error);

    [LoggerMessage(EventId = 120, Level = LogLevel.Warning, Message = "The embedding cache gave no answer within {LimitMs:F0} ms and is left alone for {RestSeconds:F0} s; texts are embedded anew.")]
    public static partial void EmbeddingCacheSlow(this ILogger logger, double limitMs, double restSeconds);

    [LoggerMessage(EventId = 121, Level = LogLevel.Warning, Message = "The embedding cache failed for {Errors} of {Count} texts; they are embedded anew.")]
    public static partial void EmbeddingCacheFailed(this ILogger logger, int errors, int count, Exception error);
}
