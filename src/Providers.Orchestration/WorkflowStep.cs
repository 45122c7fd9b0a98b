using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>One step of a workflow: which handler does it, with what, after which others. Immutable.</summary>
public sealed record WorkflowStep
{
    /// <summary>Gets the id, unique within the workflow.</summary>
    /// <value>1 to 64 of <c>A-Z a-z 0-9 . _ -</c>.</value>
    public required string Id { get; init; }

    /// <summary>Gets what people call the step.</summary>
    /// <value>Up to 160 characters. Default: empty, the id is shown.</value>
    public string Name { get; init; } = "";

    /// <summary>Gets the handler's name: <c>chat</c>, <c>embed</c>, <c>memory.store</c>, <c>memory.search</c>, or one the host registered.</summary>
    public required string Handler { get; init; }

    /// <summary>Gets what the handler works on.</summary>
    /// <value>
    /// JSON of the handler's own; in every string, <c>{{step}}</c> stands for the output of that step and <c>{{context}}</c> for the workflow's context.
    /// <see langword="null"/> (the default): nothing.
    /// </value>
    public JsonElement? Input { get; init; }

    /// <summary>Gets the ids of the steps that must be completed before.</summary>
    /// <value>At most 32. Default: none.</value>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Gets how often the step is tried.</summary>
    /// <value>1 to 10. Default: 3.</value>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Gets how long to wait before the second try; each further wait is twice as long, at most a minute unless this is more.</summary>
    /// <value>0 to 1 hour. Default: 1 second.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long one try may take.</summary>
    /// <value>1 millisecond to 24 hours. Default: 5 minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets a value indicating whether the workflow goes on when the step fails; steps that depend on it are skipped.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool Optional { get; init; }

    /// <summary>Gets a value indicating whether the step may run again when the host died in the middle of it.</summary>
    /// <value>
    /// Default: <see langword="true"/>; the handler then uses <see cref="WorkflowStepContext.IdempotencyKey"/> to have its effect once.
    /// <see langword="false"/>: such a step has failed, and is compensated, since nobody knows how far it came.
    /// </value>
    public bool Repeatable { get; init; } = true;
}
