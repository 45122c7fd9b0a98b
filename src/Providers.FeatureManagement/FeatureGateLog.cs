using Microsoft.Extensions.Logging;

namespace Providers.FeatureManagement;

/// <summary>What gates log; event ids 300 to 309.</summary>
internal static partial class FeatureGateLog
{
    [LoggerMessage(EventId = 300, Level = LogLevel.Warning, Message = "Nobody has defined the feature flag '{Flag}', which a route or target names as its gate; the gate is {State}. Define the flag, or mend the name.")]
    public static partial void UnknownFlag(this ILogger logger, string flag, string state);

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "The feature flag '{Flag}' could not be evaluated; its gate stays {State}.")]
    public static partial void FlagFailed(this ILogger logger, string flag, string state, Exception error);
}
