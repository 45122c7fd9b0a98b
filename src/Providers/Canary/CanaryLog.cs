using Microsoft.Extensions.Logging;

namespace Providers.Canary;

/// <summary>What rollouts log; event ids 200 to 219.</summary>
internal static partial class CanaryLog
{
    [LoggerMessage(EventId = 200, Level = LogLevel.Information, Message = "Canary '{Target}' of route '{Route}': {Action} ({Reason}), from {FromWeight} % to {ToWeight} %. {Evidence}")]
    public static partial void CanaryDecided(this ILogger logger, string route, string target, CanaryAction action, string reason, double fromWeight, double toWeight, CanaryEvidence evidence);

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "Canary '{Target}' of route '{Route}' was rolled back ({Reason}), from {FromWeight} % to 0 %. {Evidence}")]
    public static partial void CanaryRolledBack(this ILogger logger, string route, string target, string reason, double fromWeight, CanaryEvidence evidence);

    [LoggerMessage(EventId = 202, Level = LogLevel.Debug, Message = "A shadow request to '{Target}' of route '{Route}' was left out: {Why}.")]
    public static partial void ShadowSkipped(this ILogger logger, string route, string target, string why);
}
