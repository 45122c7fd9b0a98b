using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>What a handler gets. Immutable.</summary>
public sealed record WorkflowStepContext
{
    /// <summary>Gets the tenant the workflow belongs to.</summary>
    public required string Tenant { get; init; }

    /// <summary>Gets the workflow's id.</summary>
    public required string WorkflowId { get; init; }

    /// <summary>Gets the step.</summary>
    public required WorkflowStep Step { get; init; }

    /// <summary>Gets the number of this try, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Gets the step's input with the outputs of other steps filled in; <see langword="null"/>: it has none.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>Gets the outputs of the steps this one depends on, directly or not, by their ids.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Gets a key that is the same for every try of this step and for no other step: whoever remembers it can have an effect once.</summary>
    public string IdempotencyKey => $"{WorkflowId}/{Step.Id}";
}
