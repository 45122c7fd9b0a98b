using Microsoft.Extensions.Logging;

namespace Providers.OpenAI;

internal static partial class OpenAILog
{
    [LoggerMessage(EventId = 400, Level = LogLevel.Information,
        Message = "Provider '{Provider}' talks to {Endpoint} as {Profile}; first byte within {FirstByteSeconds:F0} s, pauses up to {IdleSeconds:F0} s, {Keys} keys.")]
    public static partial void Created(this ILogger logger, string provider, Uri endpoint, OpenAIServerProfile profile, double firstByteSeconds, double idleSeconds, int keys);
}
