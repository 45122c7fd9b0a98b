using Microsoft.Extensions.Logging;

namespace Providers.Mcp.Guard;

internal static partial class HttpGuardLog
{
    [LoggerMessage(EventId = 850, Level = LogLevel.Warning, Message = "A message over HTTP was not understood and answered with 400.")]
    public static partial void NotUnderstood(this ILogger logger, Exception exception);
}
