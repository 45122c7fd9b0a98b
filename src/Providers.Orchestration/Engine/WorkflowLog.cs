using Microsoft.Extensions.Logging;

namespace Providers.Orchestration;

/// <summary>What the engine logs; event ids 700 to 799. Never inputs or outputs.</summary>
internal static partial class WorkflowLog
{
    [LoggerMessage(EventId = 700, Level = LogLevel.Information, Message = "Going on with {Count} workflows that were open when the host stopped.")]
    public static partial void Recovered(this ILogger logger, int count);

    [LoggerMessage(EventId = 701, Level = LogLevel.Error, Message = "The open workflows could not be read; trying again in {DelaySeconds} s.")]
    public static partial void RecoveryFailed(this ILogger logger, double delaySeconds, Exception error);

    [LoggerMessage(EventId = 702, Level = LogLevel.Error, Message = "Workflow '{Workflow}' could not be written; it waits, and tries again in {DelaySeconds} s.")]
    public static partial void SaveFailed(this ILogger logger, string workflow, double delaySeconds, Exception error);

    [LoggerMessage(EventId = 703, Level = LogLevel.Warning, Message = "Step '{Step}' of workflow '{Workflow}' failed at try {Attempt}: {Reason}")]
    public static partial void StepFailed(this ILogger logger, string workflow, string step, int attempt, string reason);

    [LoggerMessage(EventId = 704, Level = LogLevel.Information, Message = "Workflow '{Workflow}' is {Status}: {Reason}")]
    public static partial void Ended(this ILogger logger, string workflow, WorkflowStatus status, string? reason);

    [LoggerMessage(EventId = 705, Level = LogLevel.Warning, Message = "{Count} workflows had steps that did not heed their token within {Seconds} s; those steps run again at the next start.")]
    public static partial void LeftBehind(this ILogger logger, int count, int seconds);

    [LoggerMessage(EventId = 706, Level = LogLevel.Critical, Message = "Workflow '{Workflow}' cannot go on here: another engine has changed it, and goes on with it. Outside of a cluster, run one engine on a store.")]
    public static partial void Taken(this ILogger logger, string workflow, Exception error);

    [LoggerMessage(EventId = 707, Level = LogLevel.Error, Message = "{Tool} failed; its caller was given the reference {Reference}.")]
    public static partial void ToolFailed(this ILogger logger, Exception exception, string tool, string reference);

    [LoggerMessage(EventId = 708, Level = LogLevel.Error, Message = "Workflow '{Workflow}' is open and cannot be read, and does not go on; the others do. It is tried again in {DelaySeconds} s.")]
    public static partial void Damaged(this ILogger logger, string workflow, double delaySeconds, Exception error);
}
