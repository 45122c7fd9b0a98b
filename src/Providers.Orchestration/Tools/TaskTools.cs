using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;
using static Providers.Orchestration.Tools.OrchestrationFields;

namespace Providers.Orchestration.Tools;

/// <summary>The board of tasks that people and agents keep track of.</summary>
internal sealed class TaskTools(TaskBoard board)
{
    private static readonly string[] s_actions = ["create", "update", "progress", "complete", "fail", "cancel"];

    public static ToolSpec ManageSpec => new(
        "task_manage",
        "Makes a task, changes it, notes how far it is, or ends it. Every change is kept with who made it and why.",
        new ObjectShape(
            new("action", new TextShape { Choices = s_actions, Description = "What to do." }, true),
            new("task", new ObjectShape(
                new("id", Name("The task's id; all but create need it.")), new("title", Text(160, "What is to be done; create needs it.")), new("priority", Whole(1, 10, "1 is most urgent; 5 when left out.")),
                new("assignee", Text(128, "Who does it.")), new("tags", new ListShape(Text(64)) { Most = 32 }),
                new("progress_current", new NumberShape { Least = 0, Description = "How much is done." }), new("progress_total", new NumberShape { Least = 0.000001, Description = "How much there is; 100 when left out." })), true),
            ExpectedVersion, Reason),
        OrchestrationOutputs.Task,
        new ToolHints { Title = "Manage a task", Scope = "workflow:write" });

    public static ToolSpec StatusSpec => new(
        "task_update_status",
        "Moves a task to a status, and as wanted notes how far it is.",
        new ObjectShape(
            new("task_id", Name("The task's id."), true), new("status", new TextShape { Choices = Statuses, Description = "The new status." }, true),
            new("progress", new NumberShape { Least = 0, Most = 100, Description = "Percent." }), ExpectedVersion, Reason),
        OrchestrationOutputs.Task,
        new ToolHints { Title = "Update a task's status", Scope = "workflow:write", Idempotent = true });

    public static ToolSpec ListSpec => new(
        "task_list",
        "Lists tasks, oldest first.",
        new ObjectShape(
            new("status", new TextShape { Choices = Statuses, Description = "Only tasks with this status." }), new("assignee", Text(128, "Only tasks of this person or agent.")),
            new("limit", Whole(1, 200, "How many at most.", 20)), new("cursor", Text(4_096, "next_cursor of the page before."))),
        OrchestrationOutputs.Tasks,
        new ToolHints { Title = "List tasks", Scope = "workflow:read", ReadOnly = true, Idempotent = true });

    private static Field ExpectedVersion => new("expected_version", Whole(1, 9_007_199_254_740_991, "Change it only at this version."));

    public async ValueTask<JsonElement> ManageAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        ToolRequest task = request.Part(request.Json("task")!.Value);
        string action = request.Text("action")!;
        if (action == "create")
        {
            string title = task.Text("title") ?? throw new ToolException(ToolErrorCode.InvalidInput, "task.title: is missing; text of 1 to 160 characters is wanted.");
            WorkTask made = Merge(new WorkTask("", title), task).Noted(board.Now, action, request.Caller.Principal, request.Text("reason"));
            (WorkTask created, long version) = await board.CreateAsync(request.Caller.Tenant, made, cancellationToken).ConfigureAwait(false);
            return ToolOutput.Of(created, version);
        }

        string id = task.Text("id") ?? throw new ToolException(ToolErrorCode.InvalidInput, $"task.id: is missing; {action} needs it.");
        return await ChangeAsync(request, id, action, current => Act(current, action, task), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<JsonElement> UpdateStatusAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        WorkTaskStatus status = Enum.Parse<WorkTaskStatus>(request.Text("status")!, ignoreCase: true);
        return ChangeAsync(
            request,
            request.Text("task_id")!,
            "status:" + request.Text("status"),
            current => (request.Double("progress") is { } percent ? current with { Current = current.Total * percent / 100 } : current).To(status),
            cancellationToken);
    }

    public async ValueTask<JsonElement> ListAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        (IReadOnlyList<(WorkTask Task, long Version)> tasks, string? next) = await board.ListAsync(
            request.Caller.Tenant, request.Text("status"), request.Text("assignee"), request.Int("limit", 20), request.Text("cursor"), cancellationToken).ConfigureAwait(false);
        return StepOutput.Of(writer =>
        {
            writer.WriteStartArray("tasks");
            foreach ((WorkTask task, long version) in tasks)
            {
                writer.WriteStartObject();
                ToolOutput.Write(writer, task, version);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            ToolOutput.Optional(writer, "next_cursor", next);
        });
    }

    private static WorkTask Act(WorkTask current, string action, ToolRequest changes) => action switch
    {
        "complete" => current.To(WorkTaskStatus.Completed),
        "fail" => current.To(WorkTaskStatus.Failed),
        "cancel" => current.To(WorkTaskStatus.Cancelled),
        "progress" => Merge(current, changes).To(current.Status is WorkTaskStatus.Pending or WorkTaskStatus.Planning ? WorkTaskStatus.Executing : current.Status),
        _ => Merge(current, changes),
    };

    private static WorkTask Merge(WorkTask task, ToolRequest changes)
    {
        WorkTask merged = task with
        {
            Title = changes.Text("title", task.Title),
            Priority = changes.Int("priority", task.Priority),
            Assignee = changes.Text("assignee") ?? task.Assignee,
            Tags = changes.Texts("tags") ?? task.Tags,
            Total = changes.Double("progress_total") ?? task.Total,
            Current = changes.Double("progress_current") ?? task.Current,
        };
        return merged.Current <= merged.Total ? merged
            : throw new ToolException(ToolErrorCode.InvalidInput, $"task.progress_current: is {merged.Current}; at most progress_total, {merged.Total}, is allowed.");
    }

    private async ValueTask<JsonElement> ChangeAsync(ToolRequest request, string id, string what, Func<WorkTask, WorkTask> change, CancellationToken cancellationToken)
    {
        (WorkTask task, long version) = await board.ChangeAsync(
            request.Caller.Tenant,
            id,
            request.Long("expected_version"),
            current => change(current).Noted(board.Now, what, request.Caller.Principal, request.Text("reason")),
            cancellationToken).ConfigureAwait(false) ?? throw new ToolException(ToolErrorCode.NotFound, $"There is no task '{id}'; task_list gives the ids there are.");
        return ToolOutput.Of(task, version);
    }
}
