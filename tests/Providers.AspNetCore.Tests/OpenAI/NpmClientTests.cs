using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.OpenAI;

/// <summary>The official npm client against the door: chat, streaming, tools, structured output, embeddings, models, errors.</summary>
public sealed class NpmClientTests
{
    [Fact]
    public async Task NpmClient_DrivesEveryEndpoint()
    {
        Node.Need("openai");
        ScriptedProvider tools = Scripted("tooler"), json = Scripted("jsoner"), broken = Scripted("breaker");
        tools.Chat.Enqueue(ChatScript.Empty.Role().ToolCall("get_weather", new Dictionary<string, object?> { ["city"] = "Oslo" }).Finish(Microsoft.Extensions.AI.ChatFinishReason.ToolCalls).Usage(5, 2));
        json.Chat.Enqueue(ChatScript.Empty.Role().Text("""{"river":"Glomma"}""").Finish().Usage(1, 1));
        broken.Chat.Enqueue(ChatScript.Empty.Role().Text("one", " two").Throw(new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "gone"))));
        await using GatewayHost host = await GatewayHost.StartAsync(build: b => b.Services.AddCompositeProvider(c =>
        {
            c.AddProvider("tooler", _ => tools).AddRoute("tools", "tooler/scripted-model");
            c.AddProvider("jsoner", _ => json).AddRoute("json", "jsoner/scripted-model");
            c.AddProvider("breaker", _ => broken).AddRoute("broken", "breaker/scripted-model");
        }));

        JsonElement seen = JsonDocument.Parse(await Node.RunAsync("openai.cjs", new Uri(host.Address, "v1").ToString())).RootElement;
        seen.GetProperty("chat").GetProperty("text").GetString().Should().Be(CanonicalAnswer.Text);
        seen.GetProperty("chat").GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(CanonicalAnswer.Length);
        seen.GetProperty("stream").GetProperty("tokens").EnumerateArray().Select(static t => t.GetString()).Should().Equal(CanonicalAnswer.Tokens);
        seen.GetProperty("stream").GetProperty("finish").GetString().Should().Be("stop");
        seen.GetProperty("stream").GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().Be(CanonicalAnswer.InputTokens);
        seen.GetProperty("tools").GetProperty("name").GetString().Should().Be("get_weather");
        seen.GetProperty("tools").GetProperty("arguments").GetProperty("city").GetString().Should().Be("Oslo");
        seen.GetProperty("tools").GetProperty("finish").GetString().Should().Be("tool_calls");
        seen.GetProperty("tools").GetProperty("after").GetString().Should().Be(CanonicalAnswer.Text);
        seen.GetProperty("structured").GetProperty("river").GetString().Should().Be("Glomma");
        float[] expected = new HashingEmbeddingGenerator().Embed("Glomma");
        seen.GetProperty("embeddings").GetProperty("indexes").EnumerateArray().Select(static i => i.GetInt32()).Should().Equal(0, 1);
        seen.GetProperty("embeddings").GetProperty("first").EnumerateArray().Select(static i => i.GetSingle()).Should().Equal(expected);
        seen.GetProperty("embeddings").GetProperty("float").EnumerateArray().Select(static i => i.GetSingle()).Should().Equal(expected);
        seen.GetProperty("models").EnumerateArray().Select(static m => m.GetString()).Should().Contain(["chat", "tools", "alpha/scripted-model"]);
        seen.GetProperty("model").GetString().Should().Be("chat");
        seen.GetProperty("missing").GetRawText().Should().Be("""{"name":"NotFoundError","status":404,"code":"model_not_found","request":"string"}""");
        seen.GetProperty("wrong").GetRawText().Should().Be("""{"name":"BadRequestError","status":400,"param":"messages[0].role"}""");
        seen.GetProperty("broken").GetProperty("tokens").EnumerateArray().Select(static t => t.GetString()).Should().Equal("one", " two");
        seen.GetProperty("broken").GetProperty("error").GetString().Should().Be("stream_interrupted");
    }

    private static ScriptedProvider Scripted(string name) => new(name);
}
