using Microsoft.Extensions.Logging;

namespace Providers.Memory.Tools;

internal static partial class MemoryToolLog
{
    [LoggerMessage(EventId = 900, Level = LogLevel.Error, Message = "{Tool} failed; its caller was given the reference {Reference}.")]
    public static partial void ToolFailed(this ILogger logger, Exception exception, string tool, string reference);
}
