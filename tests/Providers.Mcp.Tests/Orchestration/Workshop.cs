using Microsoft.Extensions.AI;
using ModelContextProtocol.Server;
using Providers.Mcp.Tests.Support;
using Providers.Memory;
using Providers.Orchestration;
using Providers.Tools;

namespace Providers.Mcp.Tests.Orchestration;

/// <summary>A host with workflows and tasks of the tenant acme in it: one that runs, a paused one, one that is done; a plan; a task that waits and one that has ended.</summary>
internal static class Workshop
{
    private const string Owner = "providers.orchestration";
    private static readonly ToolCaller s_acme = new("acme", "ann");

    public static Host Host(string tenant = "acme", Action<WorkflowOptions>? options = null) => new()
    {
        Door = o => o.Tenant = tenant,
        More = mcp =>
        {
            mcp.Services.AddOrchestration(options);
            mcp.Services.AddWorkflowStep("note", static _ => new NoteStep());
            mcp.Services.AddWorkflowStep("gate", static _ => new GateStep());
            mcp.WithOrchestrationTools();
        },
    };

    /// <summary>Fills it; gives what the table's names stand for, once nothing happens by itself any more.</summary>
    public static async Task<Dictionary<string, string>> FillAsync(Host host, IServiceProvider services)
    {
        Dictionary<string, string> names = [];
        names["@done"] = await IdAsync(services, "workflow_execute", """{"name":"done","steps":[{"id":"a","handler":"note"}],"idempotency_key":"used"}""", "workflow_id");
        names["@running"] = await IdAsync(services, "workflow_execute", """{"name":"running","steps":[{"id":"a","handler":"gate"}],"wait_seconds":0}""", "workflow_id");
        names["@paused"] = await IdAsync(services, "workflow_execute", """{"name":"paused","steps":[{"id":"a","handler":"gate"}],"wait_seconds":0}""", "workflow_id");
        names["@plan"] = await IdAsync(services, "workflow_plan", """{"name":"plan of acme","tasks":[{"id":"a","title":"First"},{"id":"b","title":"Second","depends_on":["a"]}]}""", "plan_id");
        names["@task"] = await IdAsync(services, "task_manage", """{"action":"create","task":{"title":"a task of acme","assignee":"ann"}}""", "task_id");
        names["@ended"] = await IdAsync(services, "task_manage", """{"action":"create","task":{"title":"an ended task of acme"}}""", "task_id");
        await IdAsync(services, "task_manage", $$$"""{"action":"complete","task":{"id":"{{{names["@ended"]}}}"}}""", "task_id");
        await SettleAsync(host, services, names);
        await IdAsync(services, "workflow_pause", $$"""{"workflow_id":"{{names["@paused"]}}"}""", "workflow_id");
        return names;
    }

    /// <summary>Everything kept of workflows, plans and tasks, to compare before and after.</summary>
    public static async Task<string> SnapshotAsync(IMemoryStore store, string tenant = "acme")
    {
        List<string> lines = [];
        foreach (MemoryScope scope in (MemoryScope[])[new MemoryScope(Owner, tenant), new MemoryScope(Owner + ".open")])
        {
            MemoryPage page = await store.ListAsync(scope, new MemoryListOptions { Limit = 200 });
            page.NextCursor.Should().BeNull();
            lines.AddRange(page.Records.Where(r => scope.Namespace == tenant || r.Text == tenant).Select(r => $"{scope.Namespace}/{r.Id} v{r.Version} {r.Kind} [{string.Join(',', r.Tags)}] {r.Text} {r.Expires:O}"));
        }

        return string.Join('\n', lines);
    }

    /// <summary>The done workflow is closed, and the steps of the open ones wait at their gates.</summary>
    private static async Task SettleAsync(Host host, IServiceProvider services, Dictionary<string, string> names)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while ((await host.Store.GetAsync(new MemoryScope(Owner + ".open"), names["@done"], limit.Token)) is not null || !await RunsAsync(services, names["@running"]) || !await RunsAsync(services, names["@paused"]))
        {
            await Task.Yield();
        }
    }

    private static async Task<bool> RunsAsync(IServiceProvider services, string id) =>
        (await services.GetRequiredService<IWorkflowEngine>().GetAsync("acme", id))!.Steps[0].Status is WorkflowStepStatus.Running;

    private static async Task<string> IdAsync(IServiceProvider services, string tool, string arguments, string field)
    {
        AIFunction function = services.GetServices<IToolset>().Single(static t => t.Name == "orchestration").Tools.Single(t => t.Name == tool);
        AIFunctionArguments call = new(JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments)!);
        return ((JsonElement)(await function.InvokeAsync(call.SetCaller(s_acme)))!).GetProperty(field).GetString()!;
    }

    private sealed class NoteStep : IWorkflowStep
    {
        public ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken) => new(JsonElement.Parse("\"noted\""));
    }

    private sealed class GateStep : IWorkflowStep
    {
        public async ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken); // until it is cancelled
            return null;
        }
    }
}
