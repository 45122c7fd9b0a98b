using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Wire;

/// <summary>Every recorded exchange of the wire, over a real socket, with what the adapter must make of it.</summary>
public sealed class FixtureTests
{
    public static TheoryData<string> Files => [.. Fixture.Names("openai")];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Fixture_OverASocket_GivesWhatIsExpected(string file)
    {
        Fixture fixture = Fixture.Load(file);
        JsonElement expected = Fixture.Expected(file);
        await using RawServer server = new(fixture.Reply);
        await using OpenAIProvider provider = Provider(server, fixture);
        Outcome outcome = fixture.Path.EndsWith("/embeddings", StringComparison.Ordinal) ? await EmbedAsync(provider, fixture) : await ChatAsync(provider, fixture);

        Received received = server.Requests.Should().ContainSingle().Subject;
        received.Method.Should().Be(fixture.Method);
        received.Path.Should().Be(fixture.Path);
        foreach ((string name, string value) in fixture.RequestHeaders)
        {
            received.Headers.Should().ContainKey(name).WhoseValue.Should().StartWith(value);
        }

        AssertSameRequest(fixture.Body, received.Body);
        outcome.Check(expected);
    }

    private static OpenAIProvider Provider(RawServer server, Fixture fixture)
    {
        bool azure = fixture.Path.StartsWith("/openai/", StringComparison.Ordinal);
        return new OpenAIProvider("o", new OpenAIProviderOptions
        {
            Endpoint = azure ? new Uri(server.Endpoint, "/openai/v1") : server.Endpoint,
            Profile = azure ? OpenAIServerProfile.Azure : fixture.Body.Contains("\"float\"", StringComparison.Ordinal) ? OpenAIServerProfile.Vllm : OpenAIServerProfile.OpenAI,
            ApiKey = "test-key",
        });
    }

    private static async Task<Outcome> EmbedAsync(OpenAIProvider provider, Fixture fixture)
    {
        using JsonDocument body = JsonDocument.Parse(fixture.Body);
        Outcome outcome = new();
        string[] texts = [.. body.RootElement.GetProperty("input").EnumerateArray().Select(e => e.GetString()!)];
        GeneratedEmbeddings<Embedding<float>> result = await provider.EmbeddingGenerator!.GenerateAsync(texts, new EmbeddingGenerationOptions
        {
            ModelId = body.RootElement.GetProperty("model").GetString(),
            Dimensions = body.RootElement.TryGetProperty("dimensions", out JsonElement d) ? d.GetInt32() : null,
        }, TestContext.Current.CancellationToken);
        outcome.Vectors = [.. result.Select(e => e.Vector.ToArray())];
        outcome.Usage = result.Usage;
        return outcome;
    }

    private static async Task<Outcome> ChatAsync(OpenAIProvider provider, Fixture fixture)
    {
        using JsonDocument body = JsonDocument.Parse(fixture.Body);
        JsonElement root = body.RootElement;
        ChatMessage[] messages = [.. root.GetProperty("messages").EnumerateArray().Select(m => new ChatMessage(new ChatRole(m.GetProperty("role").GetString()!), m.GetProperty("content").GetString()))];
        ChatOptions options = new() { ModelId = root.GetProperty("model").GetString(), MaxOutputTokens = root.GetProperty("max_completion_tokens").GetInt32() };
        if (root.TryGetProperty("tools", out JsonElement tools))
        {
            JsonElement function = tools[0].GetProperty("function");
            options.Tools = [AIFunctionFactory.CreateDeclaration(function.GetProperty("name").GetString()!, function.GetProperty("description").GetString(), function.GetProperty("parameters").Clone())];
            options.AllowMultipleToolCalls = root.TryGetProperty("parallel_tool_calls", out JsonElement parallel) ? parallel.GetBoolean() : null;
        }

        if (root.TryGetProperty("response_format", out JsonElement format))
        {
            JsonElement schema = format.GetProperty("json_schema");
            options.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.GetProperty("schema").Clone(), schema.GetProperty("name").GetString());
            options.AdditionalProperties = new() { ["strict"] = true };
        }

        bool streams = root.TryGetProperty("stream", out JsonElement stream) && stream.GetBoolean();
        Outcome outcome = new();
        List<ChatResponseUpdate> updates = [];
        try
        {
            if (streams)
            {
                await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync(messages, options, TestContext.Current.CancellationToken))
                {
                    updates.Add(update);
                }
            }
            else
            {
                updates.AddRange((await provider.ChatClient!.GetResponseAsync(messages, options, TestContext.Current.CancellationToken)).ToChatResponseUpdates());
            }
        }
        catch (ProviderException e)
        {
            outcome.Failure = e.Failure;
        }

        ChatResponse response = updates.ToChatResponse();
        outcome.Text = response.Text;
        outcome.Contents = [.. response.Messages.SelectMany(m => m.Contents)];
        outcome.Finish = response.FinishReason?.Value;
        outcome.Usage = response.Usage;
        outcome.RequestId = response.AdditionalProperties?.TryGetValue("request_id", out string? id) is true ? id : null;
        return outcome;
    }

    private static void AssertSameRequest(string expected, string actual)
    {
        using JsonDocument want = JsonDocument.Parse(expected);
        using JsonDocument got = JsonDocument.Parse(actual);
        foreach (JsonProperty property in want.RootElement.EnumerateObject().Where(static p => p.Name is not ("tools" or "response_format" or "tool_choice" or "messages")))
        {
            got.RootElement.TryGetProperty(property.Name, out JsonElement value).Should().BeTrue($"{property.Name} must be sent");
            JsonElement.DeepEquals(property.Value, value).Should().BeTrue($"{property.Name} must be {property.Value}, but is {value}");
        }
    }
}
