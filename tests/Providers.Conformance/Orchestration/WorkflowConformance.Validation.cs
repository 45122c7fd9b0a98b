using System.Text.Json;
using Providers.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Conformance.Orchestration;

/// <summary>Definitions that cannot be run are refused whole, with every error named.</summary>
public abstract partial class WorkflowConformance
{
    private static readonly WorkflowDefinition Good = Flow(Step("a"));

    private static readonly Dictionary<string, WorkflowDefinition> Wrong = new()
    {
        ["name: has 0 characters; 1 to 180"] = Good with { Name = "" },
        ["goal: has 5000 characters; 0 to 4096"] = Good with { Goal = new string('g', 5_000) },
        ["steps: there are 0; 1 to 50"] = Good with { Steps = [] },
        ["steps: there are 51; 1 to 50"] = Good with { Steps = [.. Enumerable.Range(0, 51).Select(static i => Step($"s{i}"))] },
        ["2 have the id 'a'"] = Flow(Step("a"), Step("a")),
        ["'a b' is not 1 to 64"] = Flow(Step("a b")),
        ["other than 'context'"] = Flow(Step("context")),
        ["name: has 161 characters"] = Flow(Step("a") with { Name = new string('n', 161) }),
        ["'nobody' is not registered here; there are: big, chat, embed, gate, memory.search, memory.store, note"] = Flow(Step("a") with { Handler = "nobody" }),
        ["there is no step 'b'"] = Flow(Step("a", "b")),
        ["there are 33; at most 32"] = Flow(Step("a", [.. Enumerable.Repeat("b", 33)])),
        ["'a', 'b' depend on each other in a circle"] = Flow(Step("a", "b"), Step("b", "a")),
        ["depends_on: there are 0; at most 32"] = Flow(Step("a") with { DependsOn = null! }, Step("b", "a")),
        ["steps..id: '' is not 1 to 64"] = Flow(Step(null!), Step("b")),
        ["max_attempts: 11 is not 1 to 10"] = Flow(Step("a") with { MaxAttempts = 11 }),
        ["timeout: 00:00:00 is not"] = Flow(Step("a") with { Timeout = TimeSpan.Zero }),
        ["retry_delay: 02:00:00 is not"] = Flow(Step("a") with { RetryDelay = TimeSpan.FromHours(2) }),
        ["strategy: 9 is none of Sequential"] = Good with { Strategy = (WorkflowStrategy)9 },
        ["deadline: 00:00:00.5"] = Good with { Deadline = TimeSpan.FromSeconds(0.5) },
        ["idempotency_key: has 1 characters"] = Good with { IdempotencyKey = "ü" },
        ["steps.b.input: asks for the output of 'a', but does not depend on it"] = Flow(Step("a"), Step("b") with { Input = Json("\"{{a}}\"") }),
    };

    public static TheoryData<string> Errors => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Start_WrongDefinition_SaysWhatIsWrongAndKeepsNothing(string error)
    {
        (await FluentActions.Awaiting(() => _.StartAsync(Wrong[error])).Should().ThrowAsync<WorkflowValidationException>()).Which.Errors.Should().ContainSingle().Which.Should().Contain(error);
        (await _.Engine.ListAsync(_.Tenant)).Workflows.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_SeveralErrors_ListsThemAll()
    {
        WorkflowDefinition definition = new() { Name = "", Steps = [Step("a", "x") with { MaxAttempts = 0, Name = new string('n', 161) }] };
        (await FluentActions.Awaiting(() => _.StartAsync(definition)).Should().ThrowAsync<WorkflowValidationException>()).Which.Errors.Should().HaveCount(4);
    }

    [Fact]
    public async Task Start_TooLarge_SaysHowLarge()
    {
        WorkflowDefinition definition = Flow(Step("a") with { Input = JsonSerializer.SerializeToElement(new string('x', 300_000)) });
        await FluentActions.Awaiting(() => _.StartAsync(definition)).Should().ThrowAsync<WorkflowValidationException>().WithMessage("*262144 are allowed*");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("providers.orchestration")]
    [InlineData("providers.orchestration.open")]
    public async Task Start_WrongTenant_IsRefused(string tenant) =>
        await FluentActions.Awaiting(() => _.Engine.StartAsync(tenant, Flow(Step("a")))).Should().ThrowAsync<WorkflowValidationException>().WithMessage("tenant:*");
}
