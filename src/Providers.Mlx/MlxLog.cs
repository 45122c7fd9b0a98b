using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>What the MLX adapter tells an operator; ids 500-599.</summary>
internal static partial class MlxLog
{
    [LoggerMessage(EventId = 500, Message = "MLX server '{Provider}': {Line}")]
    public static partial void ServerWrote(this ILogger logger, LogLevel level, string provider, string line);

    [LoggerMessage(EventId = 501, Level = LogLevel.Information, Message = "MLX server '{Provider}' starts as process {ProcessId} on {Endpoint}.")]
    public static partial void Starting(this ILogger logger, string provider, int processId, Uri endpoint);

    [LoggerMessage(EventId = 502, Level = LogLevel.Information, Message = "MLX server '{Provider}' is ready on {Endpoint} after {Seconds:F1} s.")]
    public static partial void Ready(this ILogger logger, string provider, Uri endpoint, double seconds);

    [LoggerMessage(EventId = 503, Level = LogLevel.Warning, Message = "MLX server '{Provider}' ended: {Reason}")]
    public static partial void Ended(this ILogger logger, string provider, string reason);

    [LoggerMessage(EventId = 504, Level = LogLevel.Warning, Message = "MLX server '{Provider}' starts again in {Seconds:F1} s (restart {Restart}).")]
    public static partial void Restarting(this ILogger logger, string provider, double seconds, int restart);

    [LoggerMessage(EventId = 505, Level = LogLevel.Error, Message = "MLX server '{Provider}' is faulted and stays down until it is restarted by hand: {Reason}")]
    public static partial void Faulted(this ILogger logger, string provider, string reason);

    [LoggerMessage(EventId = 506, Level = LogLevel.Warning, Message = "MLX server '{Provider}': port {Port} was taken by another process; trying another.")]
    public static partial void PortTaken(this ILogger logger, string provider, int port);

    [LoggerMessage(EventId = 507, Level = LogLevel.Warning, Message = "MLX server '{Provider}' is ended because {Reason}.")]
    public static partial void Recycling(this ILogger logger, string provider, string reason);

    [LoggerMessage(EventId = 508, Level = LogLevel.Information, Message = "MLX server '{Provider}' is stopped.")]
    public static partial void Stopped(this ILogger logger, string provider);

    [LoggerMessage(EventId = 509, Level = LogLevel.Debug, Message = "MLX server '{Provider}' has mlx-lm {Version}.")]
    public static partial void VersionFound(this ILogger logger, string provider, string version);

    [LoggerMessage(EventId = 510, Level = LogLevel.Warning, Message = "MLX server '{Provider}' has mlx-lm {Version}, older than {Known}, which is the release this adapter knows; older ones may run code that comes with a model. Update with pip.")]
    public static partial void VersionOld(this ILogger logger, string provider, string version, string known);

    [LoggerMessage(EventId = 511, Level = LogLevel.Warning, Message = "MLX server '{Provider}': ended process {ProcessId}, left over by host {Owner}, which is gone.")]
    public static partial void LeftoverEnded(this ILogger logger, string provider, int processId, int owner);

    [LoggerMessage(EventId = 512, Level = LogLevel.Warning, Message = "MLX server '{Provider}': the lease file '{Path}' cannot be used: {Reason}")]
    public static partial void LeaseUnusable(this ILogger logger, string provider, string path, string reason);

    [LoggerMessage(EventId = 513, Level = LogLevel.Warning, Message = "MLX server '{Provider}': a request got no byte within its limit; the probe after it says: {Outcome}.")]
    public static partial void Suspected(this ILogger logger, string provider, string outcome);
}
