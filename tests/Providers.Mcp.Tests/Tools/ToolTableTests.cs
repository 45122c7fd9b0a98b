using ModelContextProtocol;
using Providers.Mcp.Tests.Support;
using Providers.Memory;
using Providers.Testing;
using Providers.Tools;

namespace Providers.Mcp.Tests.Tools;

/// <summary>Each tool in each situation: the exact answer, and nothing changed by what was refused.</summary>
public sealed class ToolTableTests
{
    private const string Id = "there";

    public static TheoryData<string> Tools { get; } = new(ToolTable.Good.Keys);

    [Fact]
    public async Task Call_EveryRow_AnswersExactlyAndARefusalChangesNothing()
    {
        await using PipeSession session = await StartAsync();
        Dictionary<string, JsonElement> schemas = (await session.Client.ListToolsAsync()).ToDictionary(static t => t.Name, static t => t.ProtocolTool.OutputSchema!.Value);
        List<string> wrong = [];
        foreach ((string tool, string situation, string arguments, string code, string message) in ToolTable.Rows)
        {
            await ResetAsync(session.Host);
            string before = await session.Host.SnapshotAsync();
            CallToolResult result = await session.Client.CallAsync(tool, ToolTable.Expand(arguments, Id));
            string row = $"{tool}, {situation}: {result.CodeOf() ?? "ok"} {result.TextOf()}";
            if (code.Length > 0)
            {
                bool fits = result.IsError is true && result.CodeOf() == code && result.TextOf() == message.Replace("@id", Id, StringComparison.Ordinal) && result.StructuredContent is null;
                bool same = await session.Host.SnapshotAsync() == before;
                wrong.AddRange(fits && same ? [] : [row + (same ? "" : " AND CHANGED SOMETHING")]);
            }
            else
            {
                wrong.AddRange(result.IsError is true ? [row] : SchemaCheck.Errors(schemas[tool], result.StructuredContent!.Value).Select(e => $"{row}: {e}"));
                JsonElement.DeepEquals(JsonElement.Parse(result.TextOf()), result.StructuredContent ?? default).Should().BeTrue("the text of {0} is the same JSON", tool);
            }
        }

        wrong.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Call_ForAnotherTenant_SeesAndChangesNothingOfTheFirst(string tool)
    {
        await using PipeSession session = await StartAsync(new Host { Door = static o => o.Tenant = "umbrella" });
        await ResetAsync(session.Host);
        string before = Of("acme", await session.Host.SnapshotAsync());
        CallToolResult result = await session.Client.CallAsync(tool, ToolTable.Expand(ToolTable.Good[tool], Id));
        result.TextOf().Should().NotContain("Oslo");
        if (tool is "memory_get" or "memory_update" or "memory_delete" or "memory_transaction" or "memory_related" or "memory_link")
        {
            result.CodeOf().Should().Be("not_found");
        }
        else
        {
            result.IsError.Should().NotBe(true);
        }

        Of("acme", await session.Host.SnapshotAsync()).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Call_StoreDown_IsUnavailableAndSaysNothingOfTheInside(string tool)
    {
        await using PipeSession session = await StartAsync();
        await ResetAsync(session.Host);
        string before = await session.Host.SnapshotAsync();
        session.Host.Switch.Down = true;
        if (tool is "chat" or "embed")
        {
            session.Host.Model.Chat.Script = ChatScript.Empty.ThrowOnCall(new IOException(SwitchedStore.Secret));
            session.Host.Model.Embeddings!.Faults.Always(Fault.Reset);
        }

        CallToolResult result = await session.Client.CallAsync(tool, ToolTable.Expand(ToolTable.Good[tool], Id));
        session.Host.Switch.Down = false;
        (await session.Host.SnapshotAsync()).Should().Be(before);
        result.TextOf().Should().NotContain("secret");
        if (tool is "list_models" or "provider_status" or "explain_route")
        {
            result.IsError.Should().NotBe(true, "the catalogue needs no store and no model");
            return;
        }

        result.CodeOf().Should().Be("unavailable");
        if (tool.StartsWith("memory", StringComparison.Ordinal))
        {
            result.TextOf().Should().StartWith($"{tool} could not be carried out; try again later. The host's log has the cause under ");
            string reference = result.TextOf()[^33..^1];
            session.Host.Logs.GetSnapshot().Should().Contain(r => r.Id.Id == 900 && r.Message.Contains(reference) && r.Exception is IOException);
        }
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Call_Cancelled_EndsWithoutAnAnswerAndChangesNothing(string tool)
    {
        // Line by line: the SDK's client may let go of a call without telling the server.
        await using RawSession session = await RawSession.StartAsync();
        await ResetAsync(session.Host);
        string before = await session.Host.SnapshotAsync();
        string arguments = ToolTable.Expand(ToolTable.Good[tool], Id);
        if (tool is "embed" or "list_models" or "provider_status" or "explain_route")
        {
            IToolset toolset = session.Services.GetServices<IToolset>().Single(static t => t.Name == "providers");
            Microsoft.Extensions.AI.AIFunctionArguments values = new(JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments)!);
            await FluentActions.Awaiting(() => toolset.Tools.Single(t => t.Name == tool).InvokeAsync(values.SetCaller(new ToolCaller("acme")), new CancellationToken(true)).AsTask())
                .Should().ThrowAsync<OperationCanceledException>();
            return;
        }

        session.Host.Switch.Held = true;
        session.Host.Model.Chat.Script = ChatScript.Empty.Text("begun").Hang();
        await session.SendAsync($$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"{{tool}}","arguments":{{arguments}} } }""");
        await (tool == "chat" ? session.Host.Model.Chat.WaitForRequestsAsync(1) : session.Host.Switch.Entered.Task).WaitAsync(TimeSpan.FromMinutes(1));
        await session.SendAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}""");
        await (tool == "chat" ? Eventually(() => session.Host.Model.Chat.Active == 0) : session.Host.Switch.Left.Task).WaitAsync(TimeSpan.FromMinutes(1));
        session.Host.Switch.Held = false;
        (await session.AskAsync("""{"jsonrpc":"2.0","id":8,"method":"ping"}""", 8)).Should().ContainSingle("a call that was taken back is not answered");
        (await session.Host.SnapshotAsync()).Should().Be(before);
    }

    [Fact]
    public async Task Call_UnknownTool_IsAProtocolError()
    {
        await using PipeSession session = await StartAsync();
        (await FluentActions.Awaiting(() => session.Client.CallAsync("memory_drop")).Should().ThrowAsync<McpProtocolException>()).Which.ErrorCode.Should().Be(McpErrorCode.InvalidParams);
    }

    private static Task<PipeSession> StartAsync(Host? host = null) => PipeSession.StartAsync(host);

    private static async Task ResetAsync(Host host)
    {
        MemoryScope scope = new("acme");
        MemoryPage page = await host.Store.ListAsync(scope, new MemoryListOptions { Limit = 200 });
        if (page.Records.Count > 0)
        {
            await host.Store.ExecuteAsync(new MemoryTransaction(scope, [.. page.Records.Select(static r => new MemoryDelete(r.Id))]));
        }

        await host.Store.ExecuteAsync(new MemoryTransaction(scope,
        [
            new MemoryUpsert(new MemoryRecord { Id = Id, Text = "Oslo is the capital of Norway", Tags = ["city"] }),
            new MemoryUpsert(new MemoryRecord { Id = "too", Text = "Oslo has a fjord", Tags = ["city"] }),
        ]));
    }

    private static string Of(string tenant, string snapshot) => string.Join('\n', snapshot.Split('\n').Where(l => l.StartsWith(tenant, StringComparison.Ordinal)));

    private static async Task Eventually(Func<bool> holds)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
