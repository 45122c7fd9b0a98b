using Providers.Orchestration;

namespace Providers.Conformance.Orchestration;

/// <summary>What most tests do with a stage.</summary>
public static class StageExtensions
{
    public static Task<WorkflowSnapshot> StartAsync(this IWorkflowStage stage, WorkflowDefinition definition) => stage.Engine.StartAsync(stage.Tenant, definition);

    /// <summary>Waits until a workflow rests, without moving the clock.</summary>
    public static async Task<WorkflowSnapshot> WaitAsync(this IWorkflowStage stage, string id)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(4));
        return (await stage.Engine.WaitAsync(stage.Tenant, id, patience.Token))!;
    }

    public static async Task<WorkflowSnapshot> RunAsync(this IWorkflowStage stage, WorkflowDefinition definition) => await stage.WaitAsync((await stage.StartAsync(definition)).Id);

    /// <summary>Moves the clock until the workflow rests, however often it waits.</summary>
    public static async Task<WorkflowSnapshot> RunThroughWaitsAsync(this IWorkflowStage stage, WorkflowDefinition definition) => await stage.RestAsync((await stage.StartAsync(definition)).Id);

    /// <inheritdoc cref="RunThroughWaitsAsync"/>
    public static async Task<WorkflowSnapshot> RestAsync(this IWorkflowStage stage, string id)
    {
        Task<WorkflowSnapshot> rest = stage.WaitAsync(id);
        while (!rest.IsCompleted)
        {
            stage.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(rest, Task.Delay(3)); // real time only paces the fake clock
        }

        return await rest;
    }
}
