using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Providers.Orchestration;

/// <summary>What is kept of a workflow: all of it is written before anything follows from it.</summary>
internal sealed record RunState(string Id, string Tenant)
{
    /// <summary>The definition never changes and is kept once, beside.</summary>
    [JsonIgnore]
    public WorkflowDefinition Definition { get; init; } = null!;

    public string Name { get; init; } = "";

    public string Goal { get; init; } = "";

    public WorkflowStatus Status { get; init; }

    /// <summary>What it becomes once everything is undone.</summary>
    public WorkflowStatus Outcome { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    /// <summary>The number of events so far.</summary>
    public long Sequence { get; init; }

    /// <summary>How many steps may run at a time under <see cref="WorkflowStrategy.Adaptive"/>.</summary>
    public int Width { get; init; } = 2;

    /// <summary>How many steps have ended.</summary>
    public int Endings { get; init; }

    public ImmutableArray<StepState> Steps { get; init; } = [];

    public bool IsEnded => Status is WorkflowStatus.Completed or WorkflowStatus.Failed or WorkflowStatus.Cancelled;

    /// <summary>Nothing happens by itself any more.</summary>
    public bool IsAtRest => IsEnded || Status is WorkflowStatus.Stuck || (Status is WorkflowStatus.Paused && !Steps.Any(static s => s.Status is WorkflowStepStatus.Running));

    public int IndexOf(string step)
    {
        for (int i = 0; i < Steps.Length; i++)
        {
            if (Steps[i].Id == step)
            {
                return i;
            }
        }

        return -1;
    }

    public RunState With(int step, StepState state) => this with { Steps = Steps.SetItem(step, state) };

    public static RunState Begin(string id, string tenant, WorkflowDefinition definition, DateTimeOffset now) => new(id, tenant)
    {
        Definition = definition,
        Name = definition.Name,
        Goal = definition.Goal,
        Created = now,
        Updated = now,
        Steps = [.. definition.Steps.Select(static s => new StepState(s.Id))],
    };
}
