using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>A workflow as its author writes it. Immutable.</summary>
public sealed record WorkflowDefinition
{
    /// <summary>Gets the name.</summary>
    /// <value>1 to 180 characters.</value>
    public required string Name { get; init; }

    /// <summary>Gets what the workflow is for.</summary>
    /// <value>Up to 4,096 characters. Default: empty.</value>
    public string Goal { get; init; } = "";

    /// <summary>Gets how the steps are run.</summary>
    /// <value>Default: <see cref="WorkflowStrategy.Sequential"/>.</value>
    public WorkflowStrategy Strategy { get; init; }

    /// <summary>Gets the steps.</summary>
    /// <value>1 to 50, without cycles.</value>
    public required IReadOnlyList<WorkflowStep> Steps { get; init; }

    /// <summary>Gets what every step can see.</summary>
    /// <value>JSON; <see langword="null"/> (the default): nothing.</value>
    public JsonElement? Context { get; init; }

    /// <summary>Gets how long the workflow may take in all, pauses included; what is not done by then has failed. Compensation takes the time it needs.</summary>
    /// <value>1 second to 365 days; <see langword="null"/> (the default): any time.</value>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Gets the key that makes starting safe to repeat: the same key with the same definition gives the workflow that was started first.</summary>
    /// <value>1 to 128 printable ASCII characters; <see langword="null"/> (the default): each start is a new workflow.</value>
    public string? IdempotencyKey { get; init; }
}
