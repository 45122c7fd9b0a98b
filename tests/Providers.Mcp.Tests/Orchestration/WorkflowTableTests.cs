using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Providers.Mcp.Tests.Support;
using Providers.Mcp.Tests.Tools;
using Providers.Tools;

namespace Providers.Mcp.Tests.Orchestration;

/// <summary>Each orchestration tool in each situation: the exact answer, and nothing changed by what was refused.</summary>
public sealed class WorkflowTableTests
{
    public static TheoryData<string> Tools { get; } = new(WorkflowTable.Good.Keys);

    [Fact]
    public async Task Call_EveryWrongRow_IsRefusedExactlyAndChangesNothing()
    {
        await using PipeSession session = await PipeSession.StartAsync(Workshop.Host());
        Dictionary<string, string> names = await Workshop.FillAsync(session.Host, session.Services);
        string before = await Workshop.SnapshotAsync(session.Host.Store);
        List<string> wrong = [];
        foreach ((string tool, string situation, string arguments, string code, string message) in WorkflowTable.Rows.Where(static r => r.Code.Length > 0))
        {
            CallToolResult result = await session.Client.CallAsync(tool, Expand(arguments, names));
            bool fits = result.IsError is true && result.CodeOf() == code && result.StructuredContent is null && Regex.IsMatch(result.TextOf(), $"^{Regex.Escape(Expand(message, names)).Replace("\\#", "[0-9]+")}$");
            bool same = await Workshop.SnapshotAsync(session.Host.Store) == before;
            wrong.AddRange(fits && same ? [] : [$"{tool}, {situation}: {result.CodeOf() ?? "ok"} {result.TextOf()}{(same ? "" : " AND CHANGED SOMETHING")}"]);
            before = same ? before : await Workshop.SnapshotAsync(session.Host.Store);
        }

        wrong.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Call_Good_FitsTheSchemasAndSaysTheSameTwice(string tool)
    {
        await using PipeSession session = await PipeSession.StartAsync(Workshop.Host());
        Dictionary<string, string> names = await Workshop.FillAsync(session.Host, session.Services);
        Tool listed = (await session.Client.ListToolsAsync()).Single(t => t.Name == tool).ProtocolTool;
        listed.InputSchema.GetProperty("additionalProperties").GetBoolean().Should().BeFalse();
        listed.Annotations.Should().Match<ToolAnnotations>(a => a.ReadOnlyHint != null && a.DestructiveHint != null && a.IdempotentHint != null && a.OpenWorldHint != null);
        foreach ((_, string situation, string arguments, _, _) in WorkflowTable.Rows.Where(r => r.Tool == tool && r.Code.Length == 0))
        {
            string expanded = Expand(arguments, names);
            SchemaCheck.Errors(listed.InputSchema, JsonElement.Parse(expanded)).Should().BeEmpty("{0}: the call fits its schema", situation);
            CallToolResult result = await session.Client.CallAsync(tool, expanded);
            result.IsError.Should().NotBe(true, "{0}: {1}", situation, result.TextOf());
            SchemaCheck.Errors(listed.OutputSchema!.Value, result.StructuredContent!.Value).Should().BeEmpty(situation);
            JsonElement.DeepEquals(JsonElement.Parse(result.TextOf()), result.StructuredContent.Value).Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Call_ForAnotherTenant_SeesAndChangesNothingOfTheFirst(string tool)
    {
        await using PipeSession session = await PipeSession.StartAsync(Workshop.Host("umbrella"));
        Dictionary<string, string> names = await Workshop.FillAsync(session.Host, session.Services);
        string before = await Workshop.SnapshotAsync(session.Host.Store);
        CallToolResult result = await session.Client.CallAsync(tool, Expand(WorkflowTable.Good[tool], names));
        result.TextOf().Should().NotContain("of acme");
        result.CodeOf().Should().Be(tool is "workflow_plan" or "workflow_execute" or "task_list" ? null : "not_found");
        if (tool == "workflow_execute")
        {
            (await session.Client.CallAsync(tool, Expand("""{"workflow_id":"@plan"}""", names))).CodeOf().Should().Be("not_found");
            JsonElement own = await session.Client.GoodAsync(tool, """{"name":"done","steps":[{"id":"other","handler":"note"}],"idempotency_key":"used"}""");
            own.GetProperty("workflow_id").GetString().Should().NotBe(names["@done"], "keys of one tenant are nothing to another");
        }
        else if (tool == "task_list")
        {
            (await session.Client.GoodAsync(tool)).GetProperty("tasks").GetArrayLength().Should().Be(0);
        }

        (await Workshop.SnapshotAsync(session.Host.Store)).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Call_StoreDown_IsUnavailableSaysNothingOfTheInsideAndChangesNothing(string tool)
    {
        await using PipeSession session = await PipeSession.StartAsync(Workshop.Host());
        Dictionary<string, string> names = await Workshop.FillAsync(session.Host, session.Services);
        string before = await Workshop.SnapshotAsync(session.Host.Store);
        session.Host.Switch.Down = true;
        CallToolResult result = await session.Client.CallAsync(tool, Expand(WorkflowTable.Good[tool], names));
        session.Host.Switch.Down = false;
        (await Workshop.SnapshotAsync(session.Host.Store)).Should().Be(before);
        result.CodeOf().Should().Be("unavailable");
        result.TextOf().Should().StartWith($"{tool} could not be carried out; try again later. The host's log has the cause under ").And.NotContain("secret");
        string reference = result.TextOf()[^33..^1];
        session.Host.Logs.GetSnapshot().Should().Contain(r => r.Message.Contains(reference) && r.Exception is IOException);
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Call_Cancelled_EndsWithoutAnAnswerAndChangesNothing(string tool)
    {
        await using RawSession session = await RawSession.StartAsync(Workshop.Host());
        Dictionary<string, string> names = await Workshop.FillAsync(session.Host, session.Services);
        string before = await Workshop.SnapshotAsync(session.Host.Store);
        string arguments = Expand(WorkflowTable.Good[tool], names);
        if (tool is "workflow_cancel" or "workflow_pause" or "workflow_resume")
        {
            // A change of a workflow that is on its way to the store is made, or not, whoever waits for it; what can be taken back is one that has not begun.
            AIFunction function = session.Services.GetServices<IToolset>().Single(static t => t.Name == "orchestration").Tools.Single(t => t.Name == tool);
            AIFunctionArguments values = new(JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments)!);
            await FluentActions.Awaiting(() => function.InvokeAsync(values.SetCaller(new ToolCaller("acme")), new CancellationToken(true)).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        }
        else
        {
            session.Host.Switch.Held = true;
            await session.SendAsync($$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"{{tool}}","arguments":{{arguments}} } }""");
            await session.Host.Switch.Entered.Task.WaitAsync(TimeSpan.FromMinutes(1));
            await session.SendAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}""");
            await session.Host.Switch.Left.Task.WaitAsync(TimeSpan.FromMinutes(1));
            session.Host.Switch.Held = false;
            (await session.AskAsync("""{"jsonrpc":"2.0","id":8,"method":"ping"}""", 8)).Should().ContainSingle("a call that was taken back is not answered");
        }

        (await Workshop.SnapshotAsync(session.Host.Store)).Should().Be(before);
    }

    [Fact]
    public async Task Execute_WithTooManyOpen_IsAConflictAndChangesNothing()
    {
        await using PipeSession session = await PipeSession.StartAsync(Workshop.Host(options: static o => o.MaxOpenWorkflows = 2));
        await Workshop.FillAsync(session.Host, session.Services);
        string before = await Workshop.SnapshotAsync(session.Host.Store);
        CallToolResult result = await session.Client.CallAsync("workflow_execute", """{"name":"n","steps":[{"id":"a","handler":"note"}]}""");
        result.CodeOf().Should().Be("conflict");
        result.TextOf().Should().Be("2 workflows are open and 2 are allowed; wait until some have ended.");
        (await Workshop.SnapshotAsync(session.Host.Store)).Should().Be(before);
    }

    private static string Expand(string text, Dictionary<string, string> names)
    {
        string expanded = ToolTable.Expand(text, "");
        return names.Aggregate(expanded, static (t, n) => t.Replace(n.Key, n.Value, StringComparison.Ordinal));
    }
}
