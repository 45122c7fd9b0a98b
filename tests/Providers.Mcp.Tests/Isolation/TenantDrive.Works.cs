namespace Providers.Mcp.Tests.Isolation;

/// <content>Plans and tasks, which lie in the same memory: one's own are found, another's are not there.</content>
internal sealed partial class TenantDrive
{
    private async Task MakeWorkAsync()
    {
        bool plan = random.Next(2) == 0;
        (JsonElement? content, string? error) = plan
            ? await ToolAsync("workflow_plan", new() { ["name"] = $"{MarkOf(name)} plan {random.Next(1_000)}", ["tasks"] = new[] { new Dictionary<string, object> { ["id"] = "a", ["title"] = $"{MarkOf(name)} first" } } })
            : await ToolAsync("task_manage", new() { ["action"] = "create", ["task"] = new Dictionary<string, object> { ["title"] = $"{MarkOf(name)} task {random.Next(1_000)}", ["assignee"] = "ann" } });
        Hold(error is null, "nothing is in the way of new work");
        if (content is { } made)
        {
            string id = made.GetProperty(plan ? "plan_id" : "task_id").GetString()!;
            Hold(!loot.Knows(id) && _works.Add(id), "an id drawn anew is nobody's yet");
            _given.Add((Sort.Work, id));
        }
    }

    private async Task UseWorkAsync()
    {
        if (random.Next(4) == 0 || loot.Draw(Sort.Work, name, random) is not { } stolen)
        {
            Hold((await ToolAsync("task_list", new() { ["assignee"] = "ann", ["limit"] = 1 + random.Next(20) })).Error is null, "a list shows what there is"); // another's title would be seen by its mark
            return;
        }

        Tried++;
        string id = stolen.Thing;
        (JsonElement? content, string? error) = random.Next(7) switch
        {
            0 => await ToolAsync("process_status", new() { ["workflow_id"] = id, ["timeline"] = true }),
            1 => await ToolAsync("process_monitor", new() { ["workflow_id"] = id }),
            2 => await ToolAsync("workflow_execute", new() { ["workflow_id"] = id }),
            3 => await ToolAsync("workflow_pause", new() { ["workflow_id"] = id }),
            4 => await ToolAsync("workflow_cancel", new() { ["workflow_id"] = id }),
            5 => await ToolAsync("task_update_status", new() { ["task_id"] = id, ["status"] = "executing" }),
            _ => await ToolAsync("task_manage", new() { ["action"] = "update", ["task"] = new Dictionary<string, object> { ["id"] = id, ["title"] = $"{MarkOf(name)} took it" } }),
        };
        Hold(content is null && error is null or "not_found", $"'{id}' is {stolen.Owner}'s");
    }
}
