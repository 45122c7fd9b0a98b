namespace Providers.Orchestration;

/// <summary>A task as a plan is made of it.</summary>
internal sealed record PlanTask(string Id, string Title)
{
    public string Summary { get; init; } = "";

    public IReadOnlyList<string> Capabilities { get; init; } = [];

    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Minutes it is thought to take; <see langword="null"/>: nobody said.</summary>
    public double? Minutes { get; init; }
}

/// <summary>Tasks in the order of their dependencies, and what is thought of the whole.</summary>
internal sealed record WorkflowPlan(string Id, string Name, WorkflowStrategy Strategy, IReadOnlyList<IReadOnlyList<PlanTask>> Phases)
{
    public string Goal { get; init; } = "";

    /// <summary>Minutes: the longest way through the dependencies, or the sum where tasks run one at a time.</summary>
    public double EstimatedMinutes { get; init; }

    /// <summary>How much of what the plan rests on is known, 0 to 1.</summary>
    public double Confidence { get; init; }
}
