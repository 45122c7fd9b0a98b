using System.Text.Json;

namespace Providers.Ollama.Tests;

/// <summary>Every recorded exchange of the wire, over a real socket, with what the adapter must make of it.</summary>
public sealed class FixtureTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "wire-fixtures");
    private static readonly JsonElement[] Expected = [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement.EnumerateArray()];

    public static TheoryData<string> Files =>
        [.. Expected.Select(static e => e.GetProperty("file").GetString()!).Where(static f => f.StartsWith("ollama/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Fixture_OverASocket_GivesWhatIsExpected(string file)
    {
        JsonElement expected = Expected.Single(e => e.GetProperty("file").GetString() == file);
        WireFixture fixture = WireFixture.Load(Path.Combine(Folder, file));
        await using FixtureServer server = await FixtureServer.StartAsync(fixture);
        using OllamaProvider provider = new("o", new OllamaProviderOptions
        {
            Endpoint = server.Endpoint,
            KeepAlive = fixture.RequestBody.Contains("keep_alive", StringComparison.Ordinal) ? "10m" : null,
            IdleTimeout = file.EndsWith("error-stream-stall.http", StringComparison.Ordinal) ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromMinutes(1),
        });
        List<ChatResponseUpdate> updates = [];
        GeneratedEmbeddings<Embedding<float>>? vectors = null;
        IReadOnlyList<string>? loaded = null;
        ProviderFailure? failure = null;
        try
        {
            using JsonDocument? body = fixture.RequestBody.Length > 0 ? JsonDocument.Parse(fixture.RequestBody) : null;
            switch (fixture.Target)
            {
                case "/api/chat":
                    await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync(Messages(body!.RootElement), Options(body.RootElement)))
                    {
                        updates.Add(update);
                    }

                    break;
                case "/api/embed":
                    vectors = await provider.EmbeddingGenerator!.GenerateAsync(
                        body!.RootElement.GetProperty("input").EnumerateArray().Select(static t => t.GetString()!),
                        new EmbeddingGenerationOptions { ModelId = body.RootElement.GetProperty("model").GetString(), Dimensions = body.RootElement.TryGetProperty("dimensions", out JsonElement d) ? d.GetInt32() : null });
                    break;
                case "/api/pull":
                    await provider.PullAsync(body!.RootElement.GetProperty("model").GetString()!);
                    break;
                default:
                    loaded = await provider.GetLoadedModelsAsync();
                    break;
            }
        }
        catch (ProviderException e)
        {
            failure = e.Failure;
        }

        Check(expected, updates.ToChatResponse(), failure);
        if (expected.TryGetProperty("vectors", out JsonElement count))
        {
            vectors!.Count.Should().Be(count.GetInt32());
            vectors.Should().OnlyContain(v => v.Vector.Length == expected.GetProperty("dims").GetInt32());
            vectors.Usage!.InputTokenCount.Should().Be(expected.GetProperty("usage").GetProperty("in").GetInt64());
        }

        if (expected.TryGetProperty("loaded", out JsonElement names))
        {
            loaded.Should().Equal(names.EnumerateArray().Select(static n => n.GetString()));
        }
    }

    private static void Check(JsonElement expected, ChatResponse response, ProviderFailure? failure)
    {
        if (expected.TryGetProperty("class", out JsonElement kind))
        {
            failure.Should().NotBeNull();
            failure!.Kind.ToString().Should().Be(kind.GetString());
            if (expected.TryGetProperty("n_ctx", out JsonElement window))
            {
                failure.ContextWindow.Should().Be(window.GetInt32());
                failure.PromptTokens.Should().Be(expected.GetProperty("n_prompt_tokens").GetInt32());
            }
        }
        else
        {
            failure.Should().BeNull();
        }

        if (expected.TryGetProperty("text", out JsonElement text))
        {
            response.Text.Should().Be(text.GetString());
        }

        if (expected.TryGetProperty("reasoning", out JsonElement reasoning))
        {
            string.Concat(response.Messages.SelectMany(static m => m.Contents).OfType<TextReasoningContent>().Select(static r => r.Text)).Should().Be(reasoning.GetString());
        }

        if (expected.TryGetProperty("finish", out JsonElement finish))
        {
            response.FinishReason!.Value.Value.Should().Be(finish.GetString());
            response.Usage!.InputTokenCount.Should().Be(expected.GetProperty("usage").GetProperty("in").GetInt64());
            response.Usage.OutputTokenCount.Should().Be(expected.GetProperty("usage").GetProperty("out").GetInt64());
        }

        if (expected.TryGetProperty("calls", out JsonElement calls))
        {
            response.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>()
                .Select(static c => $"{c.CallId} {c.Name} {JsonSerializer.Serialize(c.Arguments)}")
                .Should().Equal(calls.EnumerateArray().Select(static c => $"{c[0].GetString()} {c[1].GetString()} {c[2].GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)}"));
        }
    }

    private static List<ChatMessage> Messages(JsonElement body)
    {
        List<ChatMessage> messages = [];
        foreach (JsonElement m in body.GetProperty("messages").EnumerateArray())
        {
            ChatMessage message = new(new ChatRole(m.GetProperty("role").GetString()!), m.GetProperty("content").GetString());
            if (m.TryGetProperty("images", out JsonElement images))
            {
                message.Contents.Add(new DataContent(Convert.FromBase64String(images[0].GetString()!), "image/png"));
            }

            if (m.TryGetProperty("tool_calls", out JsonElement calls))
            {
                message.Contents.Clear();
                JsonElement function = calls[0].GetProperty("function");
                message.Contents.Add(new FunctionCallContent(calls[0].GetProperty("id").GetString()!, function.GetProperty("name").GetString()!, new Dictionary<string, object?> { ["city"] = "Oslo" }));
            }

            if (m.TryGetProperty("tool_call_id", out JsonElement id))
            {
                message.Contents.Clear();
                message.Contents.Add(new FunctionResultContent(id.GetString()!, m.GetProperty("content").GetString()));
            }

            messages.Add(message);
        }

        return messages;
    }

    private static ChatOptions Options(JsonElement body)
    {
        ChatOptions options = new() { ModelId = body.GetProperty("model").GetString() };
        if (body.TryGetProperty("tools", out JsonElement tools))
        {
            JsonElement function = tools[0].GetProperty("function");
            options.Tools = [AIFunctionFactory.CreateDeclaration(function.GetProperty("name").GetString()!, function.GetProperty("description").GetString(), function.GetProperty("parameters").Clone())];
        }

        if (body.TryGetProperty("format", out JsonElement format))
        {
            options.ResponseFormat = ChatResponseFormat.ForJsonSchema(format.Clone());
        }

        return options;
    }
}
