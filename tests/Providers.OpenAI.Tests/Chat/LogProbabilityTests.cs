using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Chat;

/// <summary>Log probabilities are asked for, and come back, under OpenAI's own names.</summary>
public sealed class LogProbabilityTests
{
    private const string Probabilities = """
        {"content":[{"token":"O","logprob":-0.25,"bytes":[79],"top_logprobs":[{"token":"O","logprob":-0.25,"bytes":[79]},{"token":"0","logprob":-2.5,"bytes":null}]},
        {"token":"s","logprob":-0.5,"bytes":null,"top_logprobs":[]}]}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_HasWhatTheServerSent(bool streaming)
    {
        string choice = $$$"""{"index":0,"{{{(streaming ? "delta" : "message")}}}":{"role":"assistant","content":"Os"},"logprobs":{{{Probabilities.ReplaceLineEndings("")}}},"finish_reason":"stop"}""";
        string body = $$$"""{"id":"c","object":"chat.completion{{{(streaming ? ".chunk" : "")}}}","created":1,"model":"m","choices":[{{{choice}}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""";
        await using RawServer server = new(streaming ? Reply.Sse("data: " + body, Chats.Done) : Reply.Json(body));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        ChatOptions options = new() { AdditionalProperties = new() { ["logprobs"] = true, ["top_logprobs"] = 2 } };
        AdditionalPropertiesDictionary? found;
        if (streaming)
        {
            List<ChatResponseUpdate> updates = [];
            await provider.StreamAsync(updates, options, Token);
            found = updates.Single(static u => u.AdditionalProperties?.ContainsKey("logprobs") is true).AdditionalProperties;
        }
        else
        {
            found = (await provider.AskAsync(options, Token)).AdditionalProperties;
        }

        JsonElement.DeepEquals((JsonElement)found!["logprobs"]!, JsonElement.Parse(Probabilities)).Should().BeTrue(found["logprobs"]!.ToString());
        JsonElement sent = JsonElement.Parse(server.Requests.Single().Body);
        (sent.GetProperty("logprobs").GetBoolean(), sent.GetProperty("top_logprobs").GetInt32()).Should().Be((true, 2));
    }

    [Fact]
    public async Task Answer_NotAskedFor_HasNone()
    {
        await using RawServer server = new(Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        ChatResponse response = await provider.AskAsync(new ChatOptions { AdditionalProperties = new() { ["logprobs"] = false } }, Token);
        response.AdditionalProperties?.ContainsKey("logprobs").Should().NotBe(true);
        server.Requests.Single().Body.Should().NotContain("logprobs");
    }
}
