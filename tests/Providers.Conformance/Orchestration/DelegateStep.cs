using System.Text.Json;
using Providers.Orchestration;

namespace Providers.Conformance.Orchestration;

/// <summary>A handler that does what the test says.</summary>
public sealed class DelegateStep(
    Func<WorkflowStepContext, CancellationToken, ValueTask<JsonElement?>> execute,
    Func<WorkflowStepContext, JsonElement?, ValueTask>? compensate = null) : IWorkflowStep
{
    public ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken) => execute(context, cancellationToken);

    public ValueTask CompensateAsync(WorkflowStepContext context, JsonElement? output, CancellationToken cancellationToken) => compensate?.Invoke(context, output) ?? default;
}
