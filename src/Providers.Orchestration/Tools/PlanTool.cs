using System.Globalization;
using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;
using static Providers.Orchestration.Tools.OrchestrationFields;

namespace Providers.Orchestration.Tools;

/// <summary>Makes a plan of tasks.</summary>
internal sealed class PlanTool(PlanBook plans, Func<string, bool> isServed, TimeProvider clock)
{
    public static ToolSpec Spec => new(
        "workflow_plan",
        "Orders tasks by their dependencies into phases, and estimates the whole. Changes nothing but keeps the plan; workflow_execute carries one out.",
        new ObjectShape(
            new("name", Text(180, "What people call it."), true), new("goal", Text(4_096, "What it is for.")), Strategy, Context,
            new("tasks", new ListShape(new ObjectShape(
                new("id", Name("Its own id; task-1, task-2 and so on when left out.")), new("title", Text(160), true), new("summary", Text(1_024, "What is to be done.")),
                new("capabilities", new ListShape(Text(64)) { Most = 64, Description = "What doing it needs, as in chat, vision, or a handler's name." }),
                DependsOn, new("minutes", new NumberShape { Least = 0, Most = 1_440, Description = "How long it is thought to take; 15 when left out." })))
            { Least = 1, Most = 50 }, true)),
        OrchestrationOutputs.Plan,
        new ToolHints { Title = "Plan a workflow", Scope = "workflow:write" });

    public async ValueTask<JsonElement> RunAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        WorkflowStrategy strategy = StrategyOf(request);
        PlanTask[] tasks = [.. request.Json("tasks")!.Value.EnumerateArray().Select((task, i) => Read(request.Part(task), i))];
        WorkflowPlan plan = Planner.Plan(Guid.CreateVersion7(clock.GetUtcNow()).ToString(), request.Text("name")!, request.Text("goal", ""), strategy, tasks, isServed);
        await plans.SaveAsync(request.Caller.Tenant, plan, cancellationToken).ConfigureAwait(false);
        return StepOutput.Of(writer => Write(writer, plan));
    }

    public static WorkflowStrategy StrategyOf(ToolRequest request) => Enum.Parse<WorkflowStrategy>(request.Text("strategy", "sequential"), ignoreCase: true);

    private static PlanTask Read(ToolRequest task, int index) => new(task.Text("id") ?? string.Create(CultureInfo.InvariantCulture, $"task-{index + 1}"), task.Text("title")!)
    {
        Summary = task.Text("summary", ""),
        Capabilities = task.Texts("capabilities") ?? [],
        DependsOn = task.Texts("depends_on") ?? [],
        Minutes = task.Double("minutes"),
    };

    private static void Write(Utf8JsonWriter writer, WorkflowPlan plan)
    {
        writer.WriteString("plan_id", plan.Id);
        writer.WriteString("strategy", ToolOutput.Lower(plan.Strategy));
        writer.WriteNumber("estimated_minutes", plan.EstimatedMinutes);
        writer.WriteNumber("confidence", plan.Confidence);
        writer.WriteStartArray("phases");
        for (int i = 0; i < plan.Phases.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("number", i + 1);
            writer.WriteStartArray("tasks");
            foreach (PlanTask task in plan.Phases[i])
            {
                writer.WriteStartObject();
                writer.WriteString("id", task.Id);
                writer.WriteString("title", task.Title);
                if (task.Minutes is { } minutes)
                {
                    writer.WriteNumber("minutes", minutes);
                }

                writer.WriteStartArray("depends_on");
                foreach (string need in task.DependsOn)
                {
                    writer.WriteStringValue(need);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
