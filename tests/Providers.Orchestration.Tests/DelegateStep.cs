namespace Providers.Orchestration.Tests;

/// <summary>A handler that does what the test says.</summary>
internal sealed class DelegateStep(
    Func<WorkflowStepContext, CancellationToken, ValueTask<JsonElement?>> execute,
    Func<WorkflowStepContext, JsonElement?, ValueTask>? compensate = null) : IWorkflowStep
{
    public ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken) => execute(context, cancellationToken);

    public ValueTask CompensateAsync(WorkflowStepContext context, JsonElement? output, CancellationToken cancellationToken) => compensate?.Invoke(context, output) ?? default;
}
