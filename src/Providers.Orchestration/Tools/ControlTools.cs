using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;
using static Providers.Orchestration.Tools.OrchestrationFields;

namespace Providers.Orchestration.Tools;

/// <summary>Pauses, resumes and cancels workflows.</summary>
internal sealed class ControlTools(IWorkflowEngine engine)
{
    public static ToolSpec CancelSpec => Spec("workflow_cancel", "Cancels a workflow: stops its steps and undoes what was done, last first.", "Cancel a workflow", destructive: true);

    public static ToolSpec PauseSpec => Spec("workflow_pause", "Lets no further step of a workflow begin; steps under way finish.", "Pause a workflow", destructive: false);

    public static ToolSpec ResumeSpec => Spec("workflow_resume", "Goes on with a paused workflow, or tries again to undo a stuck one.", "Resume a workflow", destructive: false);

    public ValueTask<JsonElement> CancelAsync(ToolRequest request, CancellationToken cancellationToken) => RunAsync(request, engine.CancelAsync, cancellationToken);

    public ValueTask<JsonElement> PauseAsync(ToolRequest request, CancellationToken cancellationToken) => RunAsync(request, engine.PauseAsync, cancellationToken);

    public ValueTask<JsonElement> ResumeAsync(ToolRequest request, CancellationToken cancellationToken) => RunAsync(request, engine.ResumeAsync, cancellationToken);

    public static ToolException NotFound(string id) => new(ToolErrorCode.NotFound, $"workflow_id: there is no workflow '{id}'; workflow_execute gives the ids there are.");

    private static ToolSpec Spec(string name, string description, string title, bool destructive) => new(
        name, description, new ObjectShape(WorkflowId), OrchestrationOutputs.Workflow, new ToolHints { Title = title, Scope = "workflow:run", Destructive = destructive });

    private static async ValueTask<JsonElement> RunAsync(ToolRequest request, Func<string, string, string?, CancellationToken, Task<WorkflowSnapshot?>> verb, CancellationToken cancellationToken)
    {
        string id = request.Text("workflow_id")!;
        return ToolOutput.Of(await verb(request.Caller.Tenant, id, request.Caller.Principal, cancellationToken).ConfigureAwait(false) ?? throw NotFound(id));
    }
}
