namespace Providers.Orchestration.Orleans;

/// <summary>What is written at every step of a workflow, as one: its state and the events that led to it since the last full page of them.</summary>
/// <param name="State">The state, without the definition.</param>
/// <param name="Place">The workflow's place in its tenant's list.</param>
/// <param name="Writer">The activation that wrote this: who finds its own document knows that a write it gave up got through.</param>
/// <param name="Definition">The name of the document with the definition.</param>
/// <param name="Events">The events after the last page.</param>
internal sealed record RunDocument(RunState State, long Place, Guid Writer, string Definition, IReadOnlyList<WorkflowEvent> Events)
{
    public const string Name = "run";

    /// <summary>Events of one page.</summary>
    public const int PageSize = 64;
}
