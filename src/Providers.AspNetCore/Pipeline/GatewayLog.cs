using Microsoft.Extensions.Logging;

namespace Providers.AspNetCore;

/// <summary>What the door logs. Never a prompt, a memory, a key or a token.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(EventId = 900, Level = LogLevel.Error, Message = "Operation {Operation} failed; trace {TraceId}.")]
    public static partial void Failed(this ILogger logger, Exception error, string operation, string traceId);

    [LoggerMessage(EventId = 901, Level = LogLevel.Warning, Message = "Operation {Operation} was answered with {Code}; trace {TraceId}.")]
    public static partial void Unserved(this ILogger logger, Exception error, string operation, string code, string traceId);

    [LoggerMessage(EventId = 910, Level = LogLevel.Warning, Message = "THIS DOOR IS OPEN: neither API keys nor tokens are set up, and everybody who reaches it may do everything. That is allowed in Development alone; set Authentication:KeyFile or Authentication:Jwt to close it.")]
    public static partial void DoorIsOpen(this ILogger logger);

    [LoggerMessage(EventId = 911, Level = LogLevel.Information, Message = "Fetched {Count} signing keys of the issuer.")]
    public static partial void FetchedKeys(this ILogger logger, int count);

    [LoggerMessage(EventId = 912, Level = LogLevel.Warning, Message = "The issuer's signing keys could not be fetched; the {Count} known ones go on.")]
    public static partial void KeysUnavailable(this ILogger logger, Exception error, int count);

    [LoggerMessage(EventId = 913, Level = LogLevel.Warning, Message = "The key file was changed and cannot be read; the {Count} keys known go on, and none can be issued or revoked until it is mended.")]
    public static partial void KeyFileUnreadable(this ILogger logger, Exception error, int count);

    [LoggerMessage(EventId = 920, Level = LogLevel.Information, Message = "Draining: not ready from now on; taking requests for another {DelaySeconds:F1} s, then finishing {InFlight} for at most {TimeoutSeconds:F1} s.")]
    public static partial void Draining(this ILogger logger, double delaySeconds, int inFlight, double timeoutSeconds);

    [LoggerMessage(EventId = 921, Level = LogLevel.Warning, Message = "Drain: {InFlight} requests were not done in time; their streams end with an error event.")]
    public static partial void DrainCut(this ILogger logger, int inFlight);

    [LoggerMessage(EventId = 930, Level = LogLevel.Warning, Message = "The status could not be looked at; trying again.")]
    public static partial void LookFailed(this ILogger logger, Exception error);

    [LoggerMessage(EventId = 940, Level = LogLevel.Error, Message = "Job {Kind} {Id} failed.")]
    public static partial void JobFailed(this ILogger logger, Exception error, string kind, string id);
}
