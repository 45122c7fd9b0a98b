namespace Providers.Orchestration;

/// <summary>In which order, and how many at a time, the steps of a workflow run. Dependencies always hold.</summary>
public enum WorkflowStrategy
{
    /// <summary>One at a time, in the order given as far as dependencies allow.</summary>
    Sequential,

    /// <summary>Every step as soon as those it depends on are done, up to <see cref="WorkflowOptions.MaxParallelSteps"/>.</summary>
    Parallel,

    /// <summary>Like <see cref="Parallel"/>, beginning with two at a time: one more after a success, half as many after a failure worth repeating.</summary>
    Adaptive,

    /// <summary>Level by level: no step begins before all of the level above have ended.</summary>
    Hierarchical,

    /// <summary>The same as <see cref="Parallel"/>; the name other systems use for it.</summary>
    Reactive,
}
