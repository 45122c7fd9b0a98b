namespace Providers.Orchestration;

/// <summary>What is kept of a step; its output is kept beside.</summary>
internal sealed record StepState(string Id)
{
    public WorkflowStepStatus Status { get; init; }

    public int Attempts { get; init; }

    /// <summary>Tries to undo it since the last time that was asked for.</summary>
    public int CompensationAttempts { get; init; }

    /// <summary>Its place among the steps that ended, from 1: undone in reverse. 0: it has not ended.</summary>
    public int Order { get; init; }

    public bool HasOutput { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Not before this moment is it tried again.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public string? Error { get; init; }

    /// <summary>Whether it began and has not been undone, so that a workflow that cannot finish has to undo it.</summary>
    public bool MustBeUndone => Attempts > 0 && Status is WorkflowStepStatus.Completed or WorkflowStepStatus.Failed or WorkflowStepStatus.Compensating;
}
