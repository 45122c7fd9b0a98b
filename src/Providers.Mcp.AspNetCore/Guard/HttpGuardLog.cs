using Microsoft.Extensions.Logging;

namespace Providers.Mcp.Guard;

internal static partial class HttpGuardLog
{
    [LoggerMessage(EventId = 850, Level = LogLevel.Warning, Message = "A message over HTTP was not understood and answered with 400.")]
    public static partial void NotUnderstood(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 851, Level = LogLevel.Error, Message = "A message over HTTP could not be carried out; the caller was told to ask for {Reference}.")]
    public static partial void Failed(this ILogger logger, Exception exception, string reference);
}
