using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;
using static Providers.Orchestration.Tools.OrchestrationFields;

namespace Providers.Orchestration.Tools;

/// <summary>Says how workflows stand, and what is odd about them.</summary>
internal sealed class ProcessTools(IWorkflowEngine engine, TimeProvider clock)
{
    private const double CpuPercent = 85;
    private const double MemoryMegabytes = 1_024;

    /// <summary>A workflow is odd when its steps needed more tries than this in the middle.</summary>
    private const double TriesPerStep = 2;

    public static ToolSpec StatusSpec => new(
        "process_status",
        "Says how far a workflow is, and as wanted how it came to that.",
        new ObjectShape(WorkflowId, new("timeline", new FlagShape { Description = "Also its history, at most the last 1,000 events." }), new("metrics", new FlagShape { Description = "Also counts." })),
        OrchestrationOutputs.Status,
        new ToolHints { Title = "Workflow status", Scope = "workflow:read", ReadOnly = true, Idempotent = true });

    public static ToolSpec MonitorSpec => new(
        "process_monitor",
        "Finds what is odd: processes over their thresholds, and a workflow whose steps fail or hang.",
        new ObjectShape(
            WorkflowId,
            new("processes", new ListShape(new ObjectShape(
                new("name", Text(160), true), new("cpu", new NumberShape { Least = 0, Description = "Percent." }), new("memory_mb", new NumberShape { Least = 0, Description = "Megabytes." })))
            { Most = 32 }),
            new("thresholds", new ObjectShape(
                new("cpu", new NumberShape { Least = 0, Most = 100_000, Default = CpuPercent, Description = "Percent." }),
                new("memory_mb", new NumberShape { Least = 0, Default = MemoryMegabytes, Description = "Megabytes." })))),
        OrchestrationOutputs.Monitor,
        new ToolHints { Title = "Watch processes", Scope = "workflow:read", ReadOnly = true, Idempotent = true });

    public async ValueTask<JsonElement> StatusAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        WorkflowSnapshot workflow = await FindAsync(request, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<WorkflowEvent> timeline = request.Flag("timeline") ? await engine.GetHistoryAsync(request.Caller.Tenant, workflow.Id, cancellationToken).ConfigureAwait(false) : [];
        return StepOutput.Of(writer =>
        {
            writer.WriteString("workflow_id", workflow.Id);
            writer.WriteString("state", ToolOutput.Lower(workflow.Status));
            writer.WriteNumber("progress", Math.Round(workflow.Progress, 2));
            writer.WriteNumber("risk", Risk(workflow));
            if (MinutesLeft(workflow) is { } left)
            {
                writer.WriteNumber("minutes_left", left);
            }

            writer.WriteStartArray("active_steps");
            foreach (WorkflowStepSnapshot step in workflow.Steps.Where(static s => s.Status is WorkflowStepStatus.Running or WorkflowStepStatus.Compensating))
            {
                writer.WriteStringValue(step.Id);
            }

            writer.WriteEndArray();
            if (request.Flag("timeline"))
            {
                Write(writer, timeline);
            }

            if (request.Flag("metrics"))
            {
                Write(writer, workflow);
            }
        });
    }

    public async ValueTask<JsonElement> MonitorAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        WorkflowSnapshot workflow = await FindAsync(request, cancellationToken).ConfigureAwait(false);
        ToolRequest? thresholds = request.Json("thresholds") is { } given ? request.Part(given) : null;
        List<(string Subject, string What, double Value, double Limit)> odd = [];
        foreach (ToolRequest process in request.Json("processes")?.EnumerateArray().Select(request.Part) ?? [])
        {
            odd.AddRange(Over(process, "cpu", thresholds?.Double("cpu") ?? CpuPercent));
            odd.AddRange(Over(process, "memory_mb", thresholds?.Double("memory_mb") ?? MemoryMegabytes));
        }

        foreach (WorkflowStepSnapshot step in workflow.Steps)
        {
            if (step.Attempts > TriesPerStep)
            {
                odd.Add((step.Id, "attempts", step.Attempts, TriesPerStep));
            }

            double usual = UsualSeconds(workflow) * 3;
            if (step.Status is WorkflowStepStatus.Running && step.Started is { } started && usual > 0 && (clock.GetUtcNow() - started).TotalSeconds > usual)
            {
                odd.Add((step.Id, "seconds", (clock.GetUtcNow() - started).TotalSeconds, usual));
            }
        }

        return StepOutput.Of(writer =>
        {
            writer.WriteString("workflow_id", workflow.Id);
            writer.WriteStartArray("anomalies");
            foreach ((string subject, string what, double value, double limit) in odd)
            {
                writer.WriteStartObject();
                writer.WriteString("subject", subject);
                writer.WriteString("what", what);
                writer.WriteNumber("value", value);
                writer.WriteNumber("limit", limit);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private static IEnumerable<(string Subject, string What, double Value, double Limit)> Over(ToolRequest process, string what, double limit) =>
        process.Double(what) is { } value && value > limit ? [(process.Text("name")!, what, value, limit)] : [];

    private static double Risk(WorkflowSnapshot workflow)
    {
        int tries = workflow.Steps.Sum(static s => s.Attempts);
        int good = workflow.Steps.Count(static s => s.Status is WorkflowStepStatus.Completed or WorkflowStepStatus.Running);
        return tries == 0 ? 0 : Math.Round(Math.Max(0, tries - good) / (double)tries, 2);
    }

    private static double? MinutesLeft(WorkflowSnapshot workflow) => workflow.IsEnded ? 0
        : UsualSeconds(workflow) is > 0 and double usual ? Math.Round(usual * workflow.Steps.Count(static s => s.Status is WorkflowStepStatus.Pending or WorkflowStepStatus.Running) / 60, 2) : null;

    private static double UsualSeconds(WorkflowSnapshot workflow) => workflow.Steps.Where(static s => s is { Status: WorkflowStepStatus.Completed, Started: not null, Ended: not null })
        .Select(static s => (s.Ended!.Value - s.Started!.Value).TotalSeconds).DefaultIfEmpty(0).Average();

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<WorkflowEvent> timeline)
    {
        writer.WriteStartArray("timeline");
        foreach (WorkflowEvent happened in timeline)
        {
            writer.WriteStartObject();
            writer.WriteNumber("sequence", happened.Sequence);
            writer.WriteString("at", happened.At);
            writer.WriteString("what", happened.What);
            ToolOutput.Optional(writer, "step", happened.Step);
            ToolOutput.Optional(writer, "detail", happened.Detail);
            ToolOutput.Optional(writer, "actor", happened.Actor);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, WorkflowSnapshot workflow)
    {
        writer.WriteStartObject("metrics");
        writer.WriteNumber("steps", workflow.Steps.Count);
        writer.WriteNumber("completed", workflow.Steps.Count(static s => s.Status is WorkflowStepStatus.Completed));
        writer.WriteNumber("attempts", workflow.Steps.Sum(static s => s.Attempts));
        writer.WriteNumber("seconds", (workflow.Updated - workflow.Created).TotalSeconds);
        writer.WriteEndObject();
    }

    private async ValueTask<WorkflowSnapshot> FindAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        string id = request.Text("workflow_id")!;
        return await engine.GetAsync(request.Caller.Tenant, id, cancellationToken).ConfigureAwait(false) ?? throw ControlTools.NotFound(id);
    }
}
