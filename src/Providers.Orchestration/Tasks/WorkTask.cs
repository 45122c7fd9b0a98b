namespace Providers.Orchestration;

/// <summary>How a task on the board stands.</summary>
internal enum WorkTaskStatus
{
    Pending,
    Planning,
    Executing,
    Completed,
    Failed,
    Cancelled,
    Paused,
}

/// <summary>A task that people and agents keep track of. Immutable.</summary>
internal sealed record WorkTask(string Id, string Title)
{
    /// <summary>The most lines of history a task carries; older ones go.</summary>
    public const int AuditLines = 50;

    public WorkTaskStatus Status { get; init; }

    public int Priority { get; init; } = 5;

    public string? Assignee { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public double Current { get; init; }

    public double Total { get; init; } = 100;

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    public IReadOnlyList<WorkTaskAudit> Audit { get; init; } = [];

    public bool IsEnded => Status is WorkTaskStatus.Completed or WorkTaskStatus.Failed or WorkTaskStatus.Cancelled;

    /// <summary>Moves it to a status, or says why that cannot be.</summary>
    public WorkTask To(WorkTaskStatus status) => !IsEnded || status == Status ? this with { Status = status, Current = status is WorkTaskStatus.Completed ? Total : Current }
        : throw new WorkflowConflictException($"Task '{Id}' is {Name(Status)} and cannot become {Name(status)}; make a new task.");

    public WorkTask Noted(DateTimeOffset now, string what, string? actor, string? reason) =>
        this with { Updated = now, Audit = [.. Audit.TakeLast(AuditLines - 1), new WorkTaskAudit(now, what, actor, reason)] };

    public static string Name(WorkTaskStatus status) => status.ToString().ToLowerInvariant();
}

/// <summary>One line of a task's history.</summary>
internal sealed record WorkTaskAudit(DateTimeOffset At, string What, string? Actor, string? Reason);
