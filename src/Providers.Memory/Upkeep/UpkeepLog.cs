using Microsoft.Extensions.Logging;

namespace Providers.Memory;

/// <summary>Log messages of the upkeep; never a text, an id or a scope.</summary>
internal static partial class UpkeepLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Debug,
        Message = "Upkeep of the memory: {Expired} expired, {Archived} archived, {Purged} purged, {Reembedded} embedded again, {Consolidated} consolidated, {Failed} scopes failed.")]
    public static partial void RoundDone(this ILogger logger, long expired, long archived, long purged, long reembedded, long consolidated, int failed);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "Upkeep of the memory failed with {Error}; the next round tries again.")]
    public static partial void RoundFailed(this ILogger logger, string error, Exception exception);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning, Message = "Upkeep of one scope failed with {Error}; the next round tries again.")]
    public static partial void ScopeFailed(this ILogger logger, string error, Exception exception);
}
