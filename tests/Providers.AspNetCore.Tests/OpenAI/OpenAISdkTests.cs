using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using global::OpenAI;
using global::OpenAI.Chat;
using global::OpenAI.Embeddings;
using global::OpenAI.Models;
using Providers.AspNetCore.Tests.Support;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.OpenAI;

/// <summary>The official OpenAI SDK for .NET against the door, over a socket.</summary>
public sealed class OpenAISdkTests
{
    [Fact]
    public async Task Chat_ByTheSdk_IsAnsweredWithTextAndUsage()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ClientResult<ChatCompletion> result = await Chat(host).CompleteChatAsync([new SystemChatMessage("Be brief."), new UserChatMessage("Hello")]);
        result.Value.Content[0].Text.Should().Be(CanonicalAnswer.Text);
        result.Value.FinishReason.Should().Be(ChatFinishReason.Stop);
        result.Value.Usage.InputTokenCount.Should().Be(CanonicalAnswer.InputTokens);
        result.Value.Usage.OutputTokenCount.Should().Be(CanonicalAnswer.Length);
        PipelineResponse raw = result.GetRawResponse();
        raw.Headers.TryGetValue("X-Provider", out string? provider).Should().BeTrue();
        provider.Should().Be("alpha");
        raw.Headers.TryGetValue("X-Provider-Attempts", out string? attempts).Should().BeTrue();
        attempts.Should().Be("1");
    }

    [Fact]
    public async Task Chat_WhenTheFirstProviderFails_IsServedByTheSecondAndSaysSo()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Providers[0].Chat.Faults.Always(Fault.Status(500));
        ClientResult<ChatCompletion> result = await Chat(host).CompleteChatAsync([new UserChatMessage("Hello")]);
        result.Value.Content[0].Text.Should().Be(CanonicalAnswer.Text);
        result.GetRawResponse().Headers.TryGetValue("X-Provider", out string? provider);
        provider.Should().Be("beta");
        result.GetRawResponse().Headers.TryGetValue("X-Provider-Attempts", out string? attempts);
        int.Parse(attempts!, System.Globalization.CultureInfo.InvariantCulture).Should().BeGreaterThan(1);
    }

    [Fact]
    public async Task Stream_ByTheSdk_DeliversEveryTokenOnceAndTheUsageLast()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        List<string> tokens = [];
        ChatTokenUsage? usage = null;
        ChatFinishReason? finish = null;
        await foreach (StreamingChatCompletionUpdate update in Chat(host).CompleteChatStreamingAsync([new UserChatMessage("Hello")]))
        {
            tokens.AddRange(update.ContentUpdate.Select(static c => c.Text).Where(static t => t.Length > 0));
            usage = update.Usage ?? usage;
            finish = update.FinishReason ?? finish;
        }

        tokens.Should().Equal(CanonicalAnswer.Tokens);
        finish.Should().Be(ChatFinishReason.Stop);
        usage!.OutputTokenCount.Should().Be(CanonicalAnswer.Length);
    }

    [Fact]
    public async Task Tools_ByTheSdk_AreCalledAndTheirResultGoesBack()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Provider.Chat.Enqueue(ChatScript.Empty.Role().ToolCall("get_weather", new Dictionary<string, object?> { ["city"] = "Oslo", ["days"] = 3 }).Finish(Microsoft.Extensions.AI.ChatFinishReason.ToolCalls).Usage(5, 2));
        ChatCompletionOptions options = new()
        {
            Tools = { ChatTool.CreateFunctionTool("get_weather", "Tells the weather.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""), functionSchemaIsStrict: true) },
            ToolChoice = ChatToolChoice.CreateAutoChoice(),
        };
        List<ChatMessage> messages = [new UserChatMessage("Weather in Oslo?")];
        ChatCompletion first = await Chat(host).CompleteChatAsync(messages, options);
        first.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        ChatToolCall call = first.ToolCalls.Should().ContainSingle().Subject;
        call.FunctionName.Should().Be("get_weather");
        using JsonDocument arguments = JsonDocument.Parse(call.FunctionArguments);
        arguments.RootElement.GetProperty("city").GetString().Should().Be("Oslo");
        arguments.RootElement.GetProperty("days").GetInt32().Should().Be(3);

        messages.Add(new AssistantChatMessage(first));
        messages.Add(new ToolChatMessage(call.Id, "rain"));
        ChatCompletion second = await Chat(host).CompleteChatAsync(messages, options);
        second.Content[0].Text.Should().Be(CanonicalAnswer.Text);
    }

    [Fact]
    public async Task StructuredOutput_ByTheSdk_ReachesTheProviderAsASchema()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Provider.Chat.Enqueue(ChatScript.Empty.Role().Text("""{"river":"Glomma"}""").Finish().Usage(1, 1));
        ChatCompletion answer = await Chat(host).CompleteChatAsync([new UserChatMessage("A river?")], new ChatCompletionOptions
        {
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("river", BinaryData.FromString("""{"type":"object","properties":{"river":{"type":"string"}},"required":["river"],"additionalProperties":false}"""), jsonSchemaIsStrict: true),
        });
        JsonDocument.Parse(answer.Content[0].Text).RootElement.GetProperty("river").GetString().Should().Be("Glomma");
    }

    [Fact]
    public async Task Embeddings_ByTheSdk_ComeInOrderAndExactly()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        OpenAIEmbeddingCollection answer = await Client(host).GetEmbeddingClient("hashing").GenerateEmbeddingsAsync(["Glomma", "Tana"]);
        HashingEmbeddingGenerator expected = new();
        answer.Select(static e => e.ToFloats().ToArray()).Should().BeEquivalentTo([expected.Embed("Glomma"), expected.Embed("Tana")], static o => o.WithStrictOrdering());
    }

    [Fact]
    public async Task Models_ByTheSdk_ListRoutesModelsAndPairs()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        OpenAIModelCollection models = await Client(host).GetOpenAIModelClient().GetModelsAsync();
        models.Select(static m => m.Id).Should().Contain(["chat", "scripted-model", "hashing", "alpha/scripted-model", "beta/hashing"]);
        OpenAIModel one = await Client(host).GetOpenAIModelClient().GetModelAsync("chat");
        one.OwnedBy.Should().Be("route");
    }

    [Fact]
    public async Task Chat_ForAModelNobodyHas_IsOpenAIsModelNotFound()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        Func<Task> chat = () => Client(host).GetChatClient("no-such-model").CompleteChatAsync([new UserChatMessage("Hello")]);
        ClientResultException error = (await chat.Should().ThrowAsync<ClientResultException>()).Which;
        error.Status.Should().Be(404);
        error.GetRawResponse()!.Content.ToString().Should().Contain("\"model_not_found\"");
    }

    private static ChatClient Chat(GatewayHost host) => Client(host).GetChatClient("chat");

    private static OpenAIClient Client(GatewayHost host) => new(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(host.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
