using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.Conformance.Orchestration;
using Providers.Memory;
using Providers.Testing;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Tests;

/// <summary>The handlers that come with the package, over a scripted chat client and a memory in process.</summary>
public sealed class StepTests
{
    private readonly ScriptedChatClient _chat = new();

    private static MemoryScope Scope => new("acme", "plans");

    [Fact]
    public async Task Chat_WithTheMemoryOfAnotherStep_AsksWithItAndKeepsTheAnswer()
    {
        await using Orchestra host = Create();
        await host.RunAsync(Flow(Of("store", "memory.store", """{"text":"Oslo is the capital of Norway.","namespace":"plans","tags":["t"],"kind":"fact"}""")));
        WorkflowSnapshot end = await host.RunAsync(Flow(
            Of("find", "memory.search", """{"query":"capital of Norway","namespace":"plans","limit":1}"""),
            Of("ask", "chat", """{"system":"Be brief.","prompt":"Given {{find}}: what is the capital?","model":"m","max_tokens":5,"temperature":0.5,"json_schema":{"type":"object"}}""", "find")));
        end.Status.Should().Be(WorkflowStatus.Completed, end.Reason);
        end.Steps[1].Output!.Value.GetProperty("text").GetString().Should().Be(string.Concat(_chat.Answer));
        LoggedRequest request = _chat.Requests.Single();
        request.Body.Should().Contain("Oslo is the capital of Norway.").And.Contain("Be brief.");
    }

    [Fact]
    public async Task MemoryStore_TriedAgainAndUndone_StoresOnceAndLeavesNothing()
    {
        await using Orchestra host = Create();
        WorkflowSnapshot done = await host.RunAsync(Flow(Of("store", "memory.store", """{"text":"kept","namespace":"plans"}""")));
        string id = done.Steps[0].Output!.Value.GetProperty("id").GetString()!;
        (await host.Store.GetAsync(Scope, id))!.Provenance!.Source.Should().Be("workflow");
        host.Failures["broken"] = -1;
        WorkflowSnapshot failed = await host.RunAsync(Flow(Of("store", "memory.store", """{"text":"not kept","namespace":"plans"}"""), Step("broken")));
        failed.Status.Should().Be(WorkflowStatus.Failed);
        (await host.Store.GetStatsAsync(Scope)).Count.Should().Be(1);
    }

    [Fact]
    public async Task Embed_Texts_GivesVectors()
    {
        await using Orchestra host = Create();
        WorkflowSnapshot end = await host.RunAsync(Flow(Of("one", "embed", """{"text":"a"}"""), Of("two", "embed", """{"texts":["a","b"],"model":"m"}""")));
        end.Status.Should().Be(WorkflowStatus.Completed, end.Reason);
        end.Steps[1].Output!.Value.GetProperty("vectors").GetArrayLength().Should().Be(2);
        end.Steps[0].Output!.Value.GetProperty("dimensions").GetInt32().Should().Be(end.Steps[0].Output!.Value.GetProperty("vectors")[0].GetArrayLength());
    }

    [Theory]
    [InlineData("chat", "{}", "needs a text that is not empty as 'prompt'")]
    [InlineData("chat", "[1]", "must be an object")]
    [InlineData("chat", """{"prompt":"p","system":5}""", "needs a text as 'system'")]
    [InlineData("chat", """{"prompt":"p","max_tokens":"x"}""", "needs a number as 'max_tokens'")]
    [InlineData("embed", """{"texts":[5]}""", "needs a list of texts as 'texts'")]
    [InlineData("memory.store", """{"text":"t","namespace":"a b"}""", "namespace")]
    public async Task Input_Wrong_FailsAtOnceAndSaysWhy(string handler, string input, string error)
    {
        await using Orchestra host = Create();
        WorkflowSnapshot end = await host.RunAsync(Flow(Of("a", handler, input)));
        end.Status.Should().Be(WorkflowStatus.Failed);
        end.Steps[0].Attempts.Should().Be(1, "a wrong input does not get better");
        end.Steps[0].Error.Should().Contain(error);
    }

    [Fact]
    public async Task Chat_WithoutAClient_SaysWhatIsMissing()
    {
        await using Orchestra host = new();
        WorkflowSnapshot end = await host.RunAsync(Flow(Of("a", "chat", """{"prompt":"p"}""") with { MaxAttempts = 1 }));
        end.Steps[0].Error.Should().Contain("IChatClient");
    }

    private static WorkflowStep Of(string id, string handler, string input, params string[] needs) => new() { Id = id, Handler = handler, Input = Json(input), DependsOn = needs };

    private Orchestra Create() => new(more: services => services.AddSingleton<IChatClient>(_chat).AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new LexicalEmbeddingGenerator()));
}
