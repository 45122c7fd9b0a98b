using Microsoft.Extensions.Logging;

namespace Providers.Http;

internal static partial class GuardLog
{
    [LoggerMessage(EventId = 301, Level = LogLevel.Warning,
        Message = "Provider '{Provider}' refused key {Key} of {Keys} with HTTP {Status}; trying the next one.")]
    public static partial void RotatingKey(this ILogger logger, string? provider, int key, int keys, int status);

    [LoggerMessage(EventId = 302, Level = LogLevel.Warning,
        Message = "Fetching a token from {Host} failed with {Kind} (HTTP {Status}); a token that still opens goes on being used.")]
    public static partial void TokenFetchFailed(this ILogger logger, string host, FailureKind kind, int? status);
}
