using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Mlx.Tests;

/// <summary>Every recorded exchange, over a real socket, gives what expected.json says.</summary>
public sealed class FixtureTests
{
    private const string EmbeddingModel = "mlx-community/lark-embed-4bit";

    private static readonly Dictionary<string, JsonElement> Expected = JsonDocument.Parse(File.ReadAllText(Path.Join(Fixture.Folder, "expected.json")))
        .RootElement.EnumerateArray().Select(static e => (File: e.GetProperty("file").GetString()!, Expected: e))
        .Where(static e => e.File.StartsWith("mlx/", StringComparison.Ordinal)).ToDictionary(static e => e.File["mlx/".Length..], static e => e.Expected);

    public static TheoryData<string> Files => [.. Expected.Keys];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Fixtures_EachHasAnExpectation() =>
        Directory.EnumerateFiles(Path.Join(Fixture.Folder, "mlx"), "*.http").Select(Path.GetFileName).Should().BeEquivalentTo(Expected.Keys);

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Fixture_Played_GivesWhatIsExpected(string file)
    {
        Fixture fixture = Fixture.Load(file);
        JsonElement expected = Expected[file];
        bool serverIsWell = expected.TryGetProperty("ambiguous", out _);
        await using RawServer server = new(x => x.IsProbe && serverIsWell ? x.WriteAsync(Sse.Answer("x")) : fixture.PlayAsync(x));
        await using MlxProvider provider = Chat.Attach(server, o =>
        {
            o.MaxOutputTokens = 64;
            o.IdleTimeout = o.ProbeTimeout = fixture.End is "hang" ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromMinutes(1);
            o.Models["default_model"] = new ModelOptions();
            o.Models[EmbeddingModel] = o.Models["mlx-community/none"] = new ModelOptions { Capabilities = ModelCapabilities.Embeddings };
        });
        switch (fixture.Path)
        {
            case "/health":
                server.Exchanges.Should().BeEmpty("the server says ok there whatever happens: it is never asked");
                break;
            case "/v1/models":
                (await provider.DiscoverModelsAsync(Stop)).Select(m => m.Id).Skip(3).Should().Equal(expected.GetProperty("models").EnumerateArray().Select(m => m.GetString()));
                break;
            case "/v1/embeddings":
                await EmbedAsync(provider, fixture, expected);
                break;
            default:
                await ChatAsync(provider, expected);
                break;
        }
    }

    [Theory]
    [InlineData("chat-stream.http")]
    [InlineData("chat-stream-tool-call.http")]
    public async Task Fixture_Request_IsWhatOursSends(string file)
    {
        Fixture fixture = Fixture.Load(file);
        await using RawServer server = new(fixture.PlayAsync);
        await using MlxProvider provider = Chat.Attach(server);
        JsonElement asked = JsonDocument.Parse(fixture.Body).RootElement;
        ChatOptions options = new() { MaxOutputTokens = 64 };
        if (asked.TryGetProperty("tools", out JsonElement tools))
        {
            JsonElement function = tools[0].GetProperty("function");
            options.Tools = [AIFunctionFactory.CreateDeclaration(function.GetProperty("name").GetString()!, function.GetProperty("description").GetString(), function.GetProperty("parameters"))];
        }

        await Chat.AskAsync(provider, options);
        JsonElement.DeepEquals(server.Exchanges.Single().Json, asked).Should().BeTrue(server.Exchanges.Single().Body);
    }

    private static async Task ChatAsync(MlxProvider provider, JsonElement expected)
    {
        (List<ChatResponseUpdate> updates, ProviderException? failure) = await Chat.StreamAsync(provider);
        ChatResponse response = updates.ToChatResponse();
        if (expected.TryGetProperty("text", out JsonElement text))
        {
            response.Text.Should().Be(text.GetString());
        }

        if (expected.TryGetProperty("class", out JsonElement kind))
        {
            failure!.Kind.ToString().Should().Be(kind.GetString());
            failure.OutputCommitted.Should().Be(expected.TryGetProperty("midStream", out _));
            return;
        }

        failure.Should().BeNull();
        response.FinishReason!.Value.Value.Should().Be(expected.GetProperty("finish").GetString());
        string.Concat(response.Messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>().Select(r => r.Text))
            .Should().Be(expected.TryGetProperty("reasoning", out JsonElement reasoning) ? reasoning.GetString() : "");
        if (expected.TryGetProperty("usage", out JsonElement usage))
        {
            response.Usage!.InputTokenCount.Should().Be(usage.GetProperty("in").GetInt64());
            response.Usage.OutputTokenCount.Should().Be(usage.GetProperty("out").GetInt64());
        }

        if (expected.TryGetProperty("calls", out JsonElement calls))
        {
            FunctionCallContent[] made = [.. response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()];
            made.Select(c => (c.CallId, c.Name, JsonSerializer.Serialize(c.Arguments)))
                .Should().Equal(calls.EnumerateArray().Select(c => (c[0].GetString()!, c[1].GetString()!, JsonSerializer.Serialize(c[2]))));
        }
    }

    private static async Task EmbedAsync(MlxProvider provider, Fixture fixture, JsonElement expected)
    {
        JsonElement asked = JsonDocument.Parse(fixture.Body).RootElement;
        string model = asked.TryGetProperty("model", out JsonElement named) ? named.GetString()! : EmbeddingModel;
        string[] texts = asked.GetProperty("input") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(t => t.GetString()!)] : ["x"];
        Func<Task<GeneratedEmbeddings<Embedding<float>>>> embed = () => provider.EmbeddingGenerator!.GenerateAsync(texts, new EmbeddingGenerationOptions { ModelId = model }, Stop);
        if (expected.TryGetProperty("class", out JsonElement kind))
        {
            (await embed.Should().ThrowAsync<ProviderException>()).Which.Kind.ToString().Should().Be(kind.GetString());
            return;
        }

        GeneratedEmbeddings<Embedding<float>> result = await embed();
        result.Should().HaveCount(expected.GetProperty("vectors").GetInt32());
        result[0].Vector.ToArray().Should().Equal(expected.GetProperty("first").EnumerateArray().Select(v => v.GetSingle()));
        result.Usage!.InputTokenCount.Should().Be(expected.GetProperty("usage").GetProperty("in").GetInt64());
    }
}
