namespace Providers.Orchestration;

/// <summary>How a workflow stands.</summary>
public enum WorkflowStatus
{
    /// <summary>Steps run, or wait for their turn.</summary>
    Running,

    /// <summary>No further step begins until it is resumed; those that ran were let finish.</summary>
    Paused,

    /// <summary>It cannot finish; what was done is being undone, last first.</summary>
    Compensating,

    /// <summary>All steps are completed, but for optional ones that failed and what depended on them.</summary>
    Completed,

    /// <summary>It could not finish; what was done is undone.</summary>
    Failed,

    /// <summary>It was cancelled; what was done is undone.</summary>
    Cancelled,

    /// <summary>Something done could not be undone, although it was tried as often as the step allows; resuming tries again.</summary>
    Stuck,
}

/// <summary>How a step stands.</summary>
public enum WorkflowStepStatus
{
    /// <summary>It waits for its turn.</summary>
    Pending,

    /// <summary>Its handler is at work.</summary>
    Running,

    /// <summary>It is done.</summary>
    Completed,

    /// <summary>It failed, and is not tried again.</summary>
    Failed,

    /// <summary>It will not run: the workflow ended before, or an optional step it depends on failed.</summary>
    Skipped,

    /// <summary>Its effect is being undone.</summary>
    Compensating,

    /// <summary>Its effect is undone.</summary>
    Compensated,
}
