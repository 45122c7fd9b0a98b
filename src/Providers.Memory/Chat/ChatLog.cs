using Microsoft.Extensions.Logging;

namespace Providers.Memory;

/// <summary>Log messages of the chat pipeline; never a text.</summary>
internal static partial class ChatLog
{
    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "Recalling memories failed with {Error}; the chat goes on without them.")]
    public static partial void RecallFailed(this ILogger logger, string error, Exception exception);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "A turn was not remembered: {Error}.")]
    public static partial void WriteFailed(this ILogger logger, string error, Exception exception);
}
