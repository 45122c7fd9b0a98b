using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.Conformance.Orchestration;
using Providers.Memory;
using Providers.Testing;
using Providers.Tools;

namespace Providers.Orchestration.Tests;

/// <summary>The orchestration tools as a door calls them: every result fits the schema it declares, every refusal says what to mend.</summary>
public sealed class ToolTests : IAsyncDisposable
{
    private static readonly ToolCaller Ann = new("acme", "ann");
    private readonly ScriptedChatClient _chat = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ServiceProvider _services;
    private readonly IToolset _tools;

    public ToolTests()
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(_time).AddSingleton<IChatClient>(_chat).AddMemory().AddOrchestration();
        services.AddWorkflowStep("fail", static _ => new DelegateStep(static (_, _) => throw new WorkflowStepException("It cannot be done.", retry: false)));
        int tries = 0;
        services.AddWorkflowStep("slow", _ => new DelegateStep((_, _) =>
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            return ++tries < 3 ? throw new IOException("It is not there yet.") : new ValueTask<JsonElement?>((JsonElement?)null);
        }));
        services.AddWorkflowStep("hangs", _ => new DelegateStep(async (_, token) =>
        {
            _hangs.TrySetResult();
            await Task.Delay(Timeout.Infinite, token); // until it is cancelled
            return null;
        }));
        _services = services.BuildServiceProvider();
        _tools = _services.GetServices<IToolset>().Single(static t => t.Name == "orchestration");
    }

    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "workflow_plan", """{"name":"n"}""", "invalid_input", "tasks: is missing" },
        { "workflow_plan", """{"name":"n","tasks":[]}""", "invalid_input", "tasks: has 0 items; 1 to 50" },
        { "workflow_plan", """{"name":"n","tasks":[{"title":"t","depends_on":["x"]}]}""", "invalid_input", "there is no task 'x'" },
        { "workflow_plan", """{"name":"n","tasks":[{"id":"a","title":"t","depends_on":["b"]},{"id":"b","title":"t","depends_on":["a"]}]}""", "invalid_input", "in a circle" },
        { "workflow_plan", """{"name":"n","tasks":[{"title":"t","minutes":1441}]}""", "invalid_input", "minutes: is 1441" },
        { "workflow_plan", """{"name":"n","oops":1,"tasks":[{"title":"t"}]}""", "invalid_input", "oops: is no field here" },
        { "workflow_execute", """{"name":"n"}""", "invalid_input", "Give either steps" },
        { "workflow_execute", """{"workflow_id":"nobody"}""", "not_found", "no plan 'nobody'" },
        { "workflow_execute", """{"name":"n","steps":[{"id":"a","description":"d","agent":"x"}]}""", "invalid_input", "no agent 'x'" },
        { "workflow_execute", """{"name":"n","steps":[{"id":"a"}]}""", "invalid_input", "needs a description" },
        { "workflow_execute", """{"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "name: is missing" },
        { "workflow_execute", """{"name":"n","steps":[{"id":"a","description":"d","handler":"x"}]}""", "invalid_input", "'x' is not registered here" },
        { "process_status", """{"workflow_id":"nobody"}""", "not_found", "no workflow 'nobody'" },
        { "process_monitor", """{"workflow_id":"nobody"}""", "not_found", "no workflow 'nobody'" },
        { "workflow_cancel", """{"workflow_id":"nobody"}""", "not_found", "no workflow 'nobody'" },
        { "workflow_pause", """{"workflow_id":5}""", "invalid_input", "workflow_id: is a number" },
        { "task_manage", """{"action":"create","task":{}}""", "invalid_input", "task.title: is missing" },
        { "task_manage", """{"action":"dance","task":{}}""", "invalid_input", "action: is 'dance'" },
        { "task_manage", """{"action":"complete","task":{}}""", "invalid_input", "task.id: is missing" },
        { "task_manage", """{"action":"complete","task":{"id":"nobody"}}""", "not_found", "no task 'nobody'" },
        { "task_manage", """{"action":"create","task":{"title":"t","progress_current":101}}""", "invalid_input", "at most progress_total, 100" },
        { "task_update_status", """{"task_id":"nobody","status":"paused"}""", "not_found", "no task 'nobody'" },
        { "task_list", """{"limit":0}""", "invalid_input", "limit: is 0" },
        { "task_list", """{"cursor":"forged"}""", "invalid_input", "cursor" },
    };

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public void Tools_AreAsTheyAreDocumented() => Providers.Tests.ToolDocument.Check(_tools);

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Call_Wrong_IsRefusedWithWhatToMend(string tool, string arguments, string code, string message)
    {
        ToolException refusal = (await FluentActions.Awaiting(() => CallAsync(tool, arguments)).Should().ThrowAsync<ToolException>()).Which;
        refusal.CodeName.Should().Be(code);
        refusal.Message.Should().Contain(message);
        _chat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Plan_WithDependencies_GivesPhasesMinutesAndConfidence()
    {
        JsonElement plan = await CallAsync("workflow_plan", """
            {"name":"release","strategy":"parallel","tasks":[
              {"id":"build","title":"Build it","minutes":10,"capabilities":["chat"]},
              {"id":"docs","title":"Write it down","minutes":30,"capabilities":["dancing"]},
              {"title":"Ship it","depends_on":["build","docs"]}]}
            """);
        plan.GetProperty("phases").GetArrayLength().Should().Be(2);
        plan.GetProperty("phases")[1].GetProperty("tasks")[0].GetProperty("id").GetString().Should().Be("task-3");
        plan.GetProperty("estimated_minutes").GetDouble().Should().Be(45, "the longest way is docs, then a task of unknown length");
        plan.GetProperty("confidence").GetDouble().Should().Be(0.6, "of five facts, the minutes of two tasks and one capability are known");
    }

    [Fact]
    public async Task Plan_Executed_RunsItsTasksInOrder()
    {
        JsonElement plan = await CallAsync("workflow_plan", """{"name":"release","tasks":[{"id":"b","title":"Second","depends_on":["a"]},{"id":"a","title":"First","summary":"Carefully."}]}""");
        JsonElement end = await CallAsync("workflow_execute", $$"""{"workflow_id":"{{plan.GetProperty("plan_id").GetString()}}"}""");
        end.GetProperty("state").GetString().Should().Be("completed");
        end.GetProperty("name").GetString().Should().Be("release");
        _chat.Requests.Should().HaveCount(2);
        _chat.Requests[0].Body.Should().Contain("First").And.Contain("Carefully.");
        _chat.Requests[1].Body.Should().Contain("Second").And.Contain(string.Concat(_chat.Answer), "the result of the first is handed to the second");
    }

    [Fact]
    public async Task Execute_WithAgents_TellsTheModelItsRole()
    {
        JsonElement end = await CallAsync("workflow_execute", """
            {"name":"n","agents":[{"id":"r","name":"Rita","role":"You review."}],"steps":[{"id":"a","description":"Look at it.","agent":"r"}],"idempotency_key":"k"}
            """);
        end.GetProperty("steps")[0].GetProperty("output").GetString().Should().Be(string.Concat(_chat.Answer));
        _chat.Requests.Single().Body.Should().Contain("You are Rita. You review.");
        JsonElement again = await CallAsync("workflow_execute", """
            {"name":"n","agents":[{"id":"r","name":"Rita","role":"You review."}],"steps":[{"id":"a","description":"Look at it.","agent":"r"}],"idempotency_key":"k"}
            """);
        again.GetProperty("workflow_id").GetString().Should().Be(end.GetProperty("workflow_id").GetString());
        _chat.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task Status_OfAFailedWorkflow_SaysHowItCameToThat()
    {
        JsonElement end = await CallAsync("workflow_execute", """{"name":"n","steps":[{"id":"a","description":"d"},{"id":"b","handler":"fail","depends_on":["a"]}]}""");
        end.GetProperty("state").GetString().Should().Be("failed");
        string id = end.GetProperty("workflow_id").GetString()!;
        JsonElement status = await CallAsync("process_status", $$$"""{"workflow_id":"{{{id}}}","timeline":true,"metrics":true}""");
        status.GetProperty("timeline").EnumerateArray().Select(static e => e.GetProperty("what").GetString()).Should().StartWith("started").And.EndWith("failed");
        status.GetProperty("timeline")[0].GetProperty("actor").GetString().Should().Be("ann");
        status.GetProperty("metrics").GetProperty("attempts").GetInt32().Should().Be(2);
        status.GetProperty("risk").GetDouble().Should().Be(1);
        (await FluentActions.Awaiting(() => CallAsync("workflow_cancel", $$$"""{"workflow_id":"{{{id}}}"}""")).Should().ThrowAsync<ToolException>()).Which.Code.Should().Be(ToolErrorCode.Conflict);
        (await FluentActions.Awaiting(() => CallAsync("process_status", $$$"""{"workflow_id":"{{{id}}}"}""", new ToolCaller("other"))).Should().ThrowAsync<ToolException>()).Which.Code.Should().Be(ToolErrorCode.NotFound);
    }

    [Fact]
    public async Task Monitor_ProcessesOverTheirThresholds_AreNamed()
    {
        JsonElement end = await CallAsync("workflow_execute", """{"name":"n","steps":[{"id":"a","description":"d"}]}""");
        JsonElement odd = await CallAsync("process_monitor", $$"""
            {"workflow_id":"{{end.GetProperty("workflow_id").GetString()}}","thresholds":{"memory_mb":2000},
             "processes":[{"name":"web","cpu":90,"memory_mb":1500},{"name":"db","cpu":10,"memory_mb":2001}]}
            """);
        odd.GetProperty("anomalies").EnumerateArray().Select(static a => $"{a.GetProperty("subject")} {a.GetProperty("what")}").Should().Equal("web cpu", "db memory_mb");
    }

    [Fact]
    public async Task Monitor_StepsThatTryOftenOrTakeLong_AreNamedAndTheRestIsEstimated()
    {
        IWorkflowEngine engine = _services.GetRequiredService<IWorkflowEngine>();
        WorkflowStep[] steps =
        [
            new() { Id = "slow", Handler = "slow", RetryDelay = TimeSpan.Zero, MaxAttempts = 5 },
            new() { Id = "hangs", Handler = "hangs", DependsOn = ["slow"], Timeout = TimeSpan.FromHours(24) },
            new() { Id = "last", Handler = "slow", DependsOn = ["hangs"] },
        ];
        string id = (await engine.StartAsync("acme", new WorkflowDefinition { Name = "n", Steps = steps })).Id;
        await _hangs.Task.WaitAsync(TimeSpan.FromMinutes(1));
        (await CallAsync("process_monitor", $$"""{"workflow_id":"{{id}}"}""")).GetProperty("anomalies").EnumerateArray().Select(static a => $"{a.GetProperty("subject")} {a.GetProperty("what")} {a.GetProperty("value")}")
            .Should().Equal("slow attempts 3");
        _time.Advance(TimeSpan.FromSeconds(100));
        (await CallAsync("process_monitor", $$"""{"workflow_id":"{{id}}"}""")).GetProperty("anomalies").EnumerateArray().Select(static a => $"{a.GetProperty("subject")} {a.GetProperty("what")} {a.GetProperty("value")} {a.GetProperty("limit")}")
            .Should().Equal("slow attempts 3 2", "hangs seconds 100 90");
        JsonElement status = await CallAsync("process_status", $$"""{"workflow_id":"{{id}}"}""");
        status.GetProperty("minutes_left").GetDouble().Should().Be(1, "two steps are left and one usually takes half a minute");
        status.GetProperty("risk").GetDouble().Should().Be(0.5);
    }

    [Fact]
    public async Task Pause_ThenCancel_GoesThroughTheStates()
    {
        _chat.Script = ChatScript.Empty.Hang();
        JsonElement started = await CallAsync("workflow_execute", """{"name":"n","wait_seconds":0,"steps":[{"id":"a","description":"d"}]}""");
        string id = $$"""{"workflow_id":"{{started.GetProperty("workflow_id").GetString()}}"}""";
        while (_chat.Active == 0)
        {
            await Task.Yield();
        }

        (await CallAsync("workflow_pause", id)).GetProperty("state").GetString().Should().Be("paused");
        (await CallAsync("workflow_resume", id)).GetProperty("state").GetString().Should().Be("running");
        (await CallAsync("process_status", id)).GetProperty("active_steps")[0].GetString().Should().Be("a");
        (await CallAsync("workflow_cancel", id)).GetProperty("state").GetString().Should().BeOneOf("compensating", "cancelled");
    }

    [Fact]
    public async Task Task_OfWhichMoreWasSaidThanAMemoryHolds_ForgetsTheOldestAndGoesOn()
    {
        string id = (await CallAsync("task_manage", """{"action":"create","task":{"title":"long story"}}""")).GetProperty("task_id").GetString()!;
        for (int i = 0; i < 40; i++)
        {
            string reason = i.ToString("D2", System.Globalization.CultureInfo.InvariantCulture) + new string('я', 500);
            await CallAsync("task_update_status", $$"""{"task_id":"{{id}}","status":"executing","progress":{{i}},"reason":"{{reason}}"}""");
        }

        JsonElement done = await CallAsync("task_manage", $$$"""{"action":"complete","task":{"id":"{{{id}}}"}}""");
        done.GetProperty("status").GetString().Should().Be("completed");
        string[] audit = [.. done.GetProperty("audit").EnumerateArray().Select(static l => l.GetProperty("what").GetString()!)];
        audit.Length.Should().BeInRange(10, 39);
        audit[^1].Should().Be("complete");
        done.GetProperty("audit")[audit.Length - 2].GetProperty("reason").GetString().Should().StartWith("39");
    }

    [Fact]
    public async Task Task_FromMakingToEnd_KeepsWhoDidWhat()
    {
        JsonElement made = await CallAsync("task_manage", """{"action":"create","task":{"title":"Paint it","priority":2,"assignee":"bob","tags":["t"]},"reason":"It is grey."}""");
        string id = made.GetProperty("task_id").GetString()!;
        JsonElement half = await CallAsync("task_manage", $$$"""{"action":"progress","task":{"id":"{{{id}}}","progress_current":50}}""");
        half.GetProperty("status").GetString().Should().Be("executing");
        (await FluentActions.Awaiting(() => CallAsync("task_update_status", $$$"""{"task_id":"{{{id}}}","status":"paused","expected_version":1}""")).Should().ThrowAsync<ToolException>())
            .Which.Message.Should().Contain("is at version 2");
        (await CallAsync("task_update_status", $$$"""{"task_id":"{{{id}}}","status":"paused","progress":75,"expected_version":2}""")).GetProperty("progress_current").GetDouble().Should().Be(75);
        (await CallAsync("task_list", """{"status":"paused","assignee":"bob"}""")).GetProperty("tasks").GetArrayLength().Should().Be(1);
        (await CallAsync("task_list", """{"status":"pending"}""")).GetProperty("tasks").GetArrayLength().Should().Be(0);
        JsonElement done = await CallAsync("task_manage", $$$"""{"action":"complete","task":{"id":"{{{id}}}"}}""");
        done.GetProperty("audit").EnumerateArray().Select(static a => a.GetProperty("what").GetString()).Should().Equal("create", "progress", "status:paused", "complete");
        done.GetProperty("audit")[0].GetProperty("actor").GetString().Should().Be("ann");
        (await FluentActions.Awaiting(() => CallAsync("task_manage", $$$"""{"action":"fail","task":{"id":"{{{id}}}"}}""")).Should().ThrowAsync<ToolException>()).Which.Code.Should().Be(ToolErrorCode.Conflict);
        (await FluentActions.Awaiting(() => CallAsync("task_manage", $$$"""{"action":"cancel","task":{"id":"{{{id}}}"}}""", new ToolCaller("other"))).Should().ThrowAsync<ToolException>()).Which.Code.Should().Be(ToolErrorCode.NotFound);
    }

    [Fact]
    public async Task Tasks_OfPeopleWithLongNamesThatBeginAlike_AreListedForEach()
    {
        string department = string.Concat(Enumerable.Repeat("department of ", 8));
        foreach (string who in (string[])["north", "🌍"])
        {
            await CallAsync("task_manage", $$"""{"action":"create","task":{"title":"of {{who}}","assignee":"{{department + who}}" } }""");
        }

        foreach (string who in (string[])["north", "🌍"])
        {
            JsonElement tasks = (await CallAsync("task_list", $$"""{"assignee":"{{department}}{{who}}"}""")).GetProperty("tasks");
            tasks.EnumerateArray().Select(static t => t.GetProperty("title").GetString()).Should().Equal($"of {who}");
        }
    }

    [Theory]
    [InlineData("chat", "llm:invoke")]
    [InlineData("embed", "llm:invoke")]
    [InlineData("memory.search", "memory:read")]
    [InlineData("memory.store", "memory:write")]
    public async Task Workflow_WithAStepThatItsCallerMayNotDoByItself_IsRefused(string handler, string scope)
    {
        string arguments = $$$"""{"name":"n","steps":[{"id":"s","handler":"{{{handler}}}","input":{"prompt":"x","text":"x","query":"x"}}],"wait_seconds":0}""";
        ToolException refused = (await FluentActions.Awaiting(() => CallAsync("workflow_execute", arguments, Ann with { Scopes = new HashSet<string> { "workflow:run" } })).Should().ThrowAsync<ToolException>()).Which;
        refused.Code.Should().Be(ToolErrorCode.PermissionDenied);
        refused.Message.Should().Be($"steps.s.handler: {handler} needs the scope {scope}, which the caller does not have.");
        (await CallAsync("workflow_execute", arguments, Ann with { Scopes = new HashSet<string> { "workflow:run", scope } })).GetProperty("state").GetString().Should().NotBeEmpty();
    }

    [Fact]
    public async Task Plan_IsKeptAsLongAsAnEndedWorkflow()
    {
        string tasks = string.Join(',', Enumerable.Range(0, 50).Select(static i => $$"""{"title":"t{{i}}","summary":"{{new string('s', 1_024)}}"}"""));
        string plan = (await CallAsync("workflow_plan", $$"""{"name":"n","tasks":[{{tasks}}]}""")).GetProperty("plan_id").GetString()!; // of two pieces
        _time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        (await CallAsync("workflow_execute", $$"""{"workflow_id":"{{plan}}","wait_seconds":0}""")).GetProperty("name").GetString().Should().Be("n");
        _time.Advance(TimeSpan.FromSeconds(2));
        (await FluentActions.Awaiting(() => CallAsync("workflow_execute", $$"""{"workflow_id":"{{plan}}"}""")).Should().ThrowAsync<ToolException>()).Which.Code.Should().Be(ToolErrorCode.NotFound);
        await _services.GetRequiredService<IMemoryStore>().PurgeExpiredAsync();
        (await _services.GetRequiredService<IMemoryStore>().ListAsync(new MemoryScope("providers.orchestration", "acme"), new MemoryListOptions { Filter = new MemoryFilter { Kinds = ["plan"] } })).Records.Should().BeEmpty();
    }

    [Fact]
    public async Task Plan_WhoseCallerMayNotAskAModel_IsNotCarriedOut()
    {
        string plan = (await CallAsync("workflow_plan", """{"name":"n","tasks":[{"title":"t"}]}""")).GetProperty("plan_id").GetString()!;
        (await FluentActions.Awaiting(() => CallAsync("workflow_execute", $$"""{"workflow_id":"{{plan}}"}""", Ann with { Scopes = new HashSet<string> { "workflow:run" } })).Should().ThrowAsync<ToolException>())
            .Which.Message.Should().Contain("chat needs the scope llm:invoke");
    }

    [Fact]
    public async Task Call_WithoutTheScope_IsRefused() =>
        (await FluentActions.Awaiting(() => CallAsync("task_list", "{}", Ann with { Scopes = new HashSet<string> { "memory:read" } })).Should().ThrowAsync<ToolException>()).Which.Code.Should().Be(ToolErrorCode.PermissionDenied);

    private async Task<JsonElement> CallAsync(string tool, string arguments, ToolCaller? caller = null)
    {
        AIFunction function = _tools.Tools.Single(t => t.Name == tool);
        AIFunctionArguments call = new(JsonDocument.Parse(arguments).RootElement.EnumerateObject().ToDictionary(static p => p.Name, static p => (object?)p.Value));
        JsonElement result = (JsonElement)(await function.InvokeAsync(call.SetCaller(caller ?? Ann)))!;
        Fits(result, function.ReturnJsonSchema!.Value).Should().BeNull();
        return result;
    }

    /// <summary>Where a result leaves its schema, as far as the schemas here go: types, required and unknown fields.</summary>
    private static string? Fits(JsonElement value, JsonElement schema, string at = "$")
    {
        string? type = schema.TryGetProperty("type", out JsonElement named) ? named.GetString() : null;
        switch (type)
        {
            case "object" when value.ValueKind is JsonValueKind.Object:
                if (!schema.TryGetProperty("properties", out JsonElement properties))
                {
                    return null;
                }

                string? missing = schema.TryGetProperty("required", out JsonElement required) ? required.EnumerateArray().Select(static r => r.GetString()!).FirstOrDefault(r => !value.TryGetProperty(r, out _)) : null;
                return missing is not null ? $"{at}.{missing} is missing" : value.EnumerateObject()
                    .Select(p => properties.TryGetProperty(p.Name, out JsonElement inner) ? Fits(p.Value, inner, $"{at}.{p.Name}") : $"{at}.{p.Name} is not in the schema").FirstOrDefault(static e => e is not null);
            case "array" when value.ValueKind is JsonValueKind.Array:
                return value.EnumerateArray().Select((v, i) => Fits(v, schema.GetProperty("items"), $"{at}[{i}]")).FirstOrDefault(static e => e is not null);
            case "string" when value.ValueKind is JsonValueKind.String:
            case "number" or "integer" when value.ValueKind is JsonValueKind.Number:
            case "boolean" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                return null;
            default:
                return $"{at} is {value.ValueKind}, not {type}";
        }
    }
}
