using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>A workflow at one moment. Immutable.</summary>
/// <param name="Id">Its id, a UUID.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Steps">Its steps, in the order of the definition.</param>
public sealed record WorkflowSnapshot(string Id, string Name, WorkflowStatus Status, IReadOnlyList<WorkflowStepSnapshot> Steps)
{
    /// <summary>Gets what it is for.</summary>
    public string Goal { get; init; } = "";

    /// <summary>Gets why it failed, was cancelled or is stuck.</summary>
    /// <value><see langword="null"/>: it did not.</value>
    public string? Reason { get; init; }

    /// <summary>Gets when it was started.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Gets when it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Gets the number of changes so far, from 1.</summary>
    public long Version { get; init; }

    /// <summary>Gets a value indicating whether nothing will change any more.</summary>
    public bool IsEnded => Status is WorkflowStatus.Completed or WorkflowStatus.Failed or WorkflowStatus.Cancelled;

    /// <summary>Gets the share of steps that are done with, 0 to 1.</summary>
    public double Progress => Steps.Count == 0 ? 1 : (double)Steps.Count(static s => s.Status is not (WorkflowStepStatus.Pending or WorkflowStepStatus.Running)) / Steps.Count;
}

/// <summary>A step at one moment. Immutable.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">How it stands.</param>
public sealed record WorkflowStepSnapshot(string Id, WorkflowStepStatus Status)
{
    /// <summary>Gets how often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>Gets when its last try began; <see langword="null"/>: never.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Gets when it was done or gave up; <see langword="null"/>: not yet.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Gets what it gave; <see langword="null"/>: nothing, or nothing yet.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>Gets what went wrong last; <see langword="null"/>: nothing.</summary>
    public string? Error { get; init; }
}

/// <summary>One line of a workflow's history. Immutable.</summary>
/// <param name="Sequence">Its number, from 1.</param>
/// <param name="At">When.</param>
/// <param name="What">What happened: <c>started</c>, <c>step.completed</c>, <c>paused</c> and so on.</param>
/// <param name="Step">The step's id; <see langword="null"/>: it concerns the whole workflow.</param>
/// <param name="Detail">More of it, for example an error; <see langword="null"/>: nothing.</param>
/// <param name="Actor">Who asked for it; <see langword="null"/>: nobody, it came about.</param>
public sealed record WorkflowEvent(long Sequence, DateTimeOffset At, string What, string? Step, string? Detail, string? Actor);
