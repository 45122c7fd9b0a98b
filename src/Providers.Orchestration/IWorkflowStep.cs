using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Does steps of workflows. Safe for concurrent use: one instance serves all steps that name it.</summary>
/// <remarks>
/// A step may run more than once: after a failure, after a timeout, and after the host died in the middle of it. Handlers have their effect once by
/// using <see cref="WorkflowStepContext.IdempotencyKey"/>, which stays the same.
/// </remarks>
public interface IWorkflowStep
{
    /// <summary>Does the step.</summary>
    /// <param name="context">What to do, for whom.</param>
    /// <param name="cancellationToken">Fires when the step takes too long, the workflow is cancelled, or the host stops; after the last, the step runs again.</param>
    /// <returns>What later steps can use; <see langword="null"/>: nothing.</returns>
    /// <exception cref="WorkflowStepException">It failed, and says whether trying again may help. Other exceptions are tried again unless they speak of a fault in the input.</exception>
    ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken);

    /// <summary>Undoes the step; also asked when nobody knows whether it was done, and possibly more than once. Does nothing by default.</summary>
    /// <param name="context">What was to be done, for whom.</param>
    /// <param name="output">What the step gave; <see langword="null"/>: nothing, or it never said.</param>
    /// <param name="cancellationToken">Fires when it takes too long, or the host stops.</param>
    /// <returns>The work.</returns>
    ValueTask CompensateAsync(WorkflowStepContext context, JsonElement? output, CancellationToken cancellationToken) => default;
}
