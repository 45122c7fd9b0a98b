using Microsoft.Extensions.Logging;

namespace Providers.Orchestration.Orleans;

/// <summary>What grains log beyond what runs log; event ids 750 to 759.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(EventId = 750, Level = LogLevel.Warning, Message = "Workflow '{Workflow}' could not be looked at to see whether its time has come; that is tried again in a day.")]
    public static partial void NotForgotten(this ILogger logger, string workflow, Exception error);
}
