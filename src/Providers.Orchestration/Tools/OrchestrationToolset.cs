using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Providers.Memory;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Orchestration.Tools;

/// <summary>The handlers of orchestration, written once for every door.</summary>
internal sealed class OrchestrationToolset : IToolset
{
    private readonly ILogger _log;

    public OrchestrationToolset(IWorkflowEngine engine, IMemoryStore store, Func<string, bool> isServed, WorkflowOptions options, EngineSurroundings surroundings)
    {
        _log = surroundings.Log;
        PlanBook plans = new(store, TimeSpan.FromDays(options.RetentionDays), surroundings.Clock);
        ControlTools control = new(engine);
        ProcessTools process = new(engine, surroundings.Clock);
        TaskTools tasks = new(new TaskBoard(store, surroundings.Clock));
        Tools =
        [
            Make(PlanTool.Spec, new PlanTool(plans, isServed, surroundings.Clock).RunAsync),
            Make(ExecuteTool.Spec, new ExecuteTool(engine, plans, surroundings.Clock).RunAsync),
            Make(ProcessTools.StatusSpec, process.StatusAsync),
            Make(ProcessTools.MonitorSpec, process.MonitorAsync),
            Make(ControlTools.CancelSpec, control.CancelAsync),
            Make(ControlTools.PauseSpec, control.PauseAsync),
            Make(ControlTools.ResumeSpec, control.ResumeAsync),
            Make(TaskTools.ManageSpec, tasks.ManageAsync),
            Make(TaskTools.StatusSpec, tasks.UpdateStatusAsync),
            Make(TaskTools.ListSpec, tasks.ListAsync),
        ];
    }

    public string Name => "orchestration";

    public IReadOnlyList<AIFunction> Tools { get; }

    /// <summary>What a caller is told of a failure; <see langword="null"/>: only the operator can mend it.</summary>
    private static ToolException? Explain(Exception exception) => exception switch
    {
        WorkflowValidationException or MemoryValidationException => new ToolException(ToolErrorCode.InvalidInput, exception.Message, exception),
        WorkflowConflictException => new ToolException(ToolErrorCode.Conflict, exception.Message, exception),
        MemoryConflictException => new ToolException(ToolErrorCode.Conflict, "Somebody else changed it at the same moment, and this change was not made; repeat it.", exception),
        _ => null,
    };

    private ToolFunction Make(ToolSpec spec, Func<ToolRequest, CancellationToken, ValueTask<JsonElement>> run) => new(spec, run, Explain, _log.ToolFailed);
}
