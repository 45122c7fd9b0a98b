using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Providers.Mlx.Tests;

public sealed class WireTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Messages_EveryContent_IsWrittenAsTheServerReadsIt()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.System, "Be brief."),
            new(ChatRole.User, [new TextContent("Weather "), new TextContent("in Oslo?")]),
            new(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("Let me see."), new FunctionCallContent("1", "get_weather", new Dictionary<string, object?> { ["city"] = "Oslo" }), new FunctionCallContent("2", "now", null)]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "cold"), new FunctionResultContent("2", new Dictionary<string, object?> { ["hour"] = 9 })]),
        ];
        JsonElement sent = Body(messages, new ChatOptions { Instructions = "Answer in English." }).GetProperty("messages");
        JsonElement expected = JsonDocument.Parse("""
            [{"role":"system","content":"Answer in English.\n\nBe brief."},
             {"role":"user","content":"Weather in Oslo?"},
             {"role":"assistant","content":"Let me see.","tool_calls":[
               {"id":"1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}},
               {"id":"2","type":"function","function":{"name":"now","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"1","content":"cold"},
             {"role":"tool","tool_call_id":"2","content":"{\"hour\":9}"}]
            """).RootElement;
        JsonElement.DeepEquals(sent, expected).Should().BeTrue(sent.GetRawText());
    }

    [Fact]
    public void Messages_Instructions_AreASystemMessageWhereThereIsNone()
    {
        JsonElement sent = Body(Chat.Question, new ChatOptions { Instructions = "Be brief." }).GetProperty("messages");
        sent.EnumerateArray().Select(m => m.GetProperty("role").GetString()).Should().Equal("system", "user");
        Body([new ChatMessage(ChatRole.System, "")], new ChatOptions { Instructions = "Be brief." }).GetProperty("messages")[0].GetProperty("content").GetString().Should().Be("Be brief.");
    }

    [Fact]
    public void Options_OfTheServersOwn_AreTakenFromAdditionalProperties()
    {
        ChatOptions options = new()
        {
            Temperature = 0.1f,
            TopK = 40,
            Seed = 7,
            PresencePenalty = 1,
            FrequencyPenalty = 0.5f,
            AdditionalProperties = new() { ["min_p"] = 0.05, ["xtc_probability"] = 1, ["xtc_threshold"] = 0.1, ["repetition_penalty"] = null, ["unknown"] = 1, ["chat_template_kwargs"] = new Dictionary<string, object?> { ["enable_thinking"] = true } },
            Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None },
        };
        string body = Body(Chat.Question, options).GetRawText();
        body.Should().Contain("\"temperature\":0.1,").And.Contain("\"top_k\":40").And.Contain("\"seed\":7").And.Contain("\"presence_penalty\":1").And.Contain("\"frequency_penalty\":0.5")
            .And.Contain("\"min_p\":0.05").And.Contain("\"xtc_probability\":1.0").And.Contain("\"xtc_threshold\":0.1").And.Contain("{\"enable_thinking\":true}")
            .And.NotContain("repetition").And.NotContain("unknown");
    }

    [Fact]
    public void Options_AllOfThem_HaveTheServersNames()
    {
        ChatOptions options = new()
        {
            MaxOutputTokens = 9,
            Temperature = 0.5f,
            TopP = 0.25f,
            TopK = 40,
            PresencePenalty = 1,
            FrequencyPenalty = 0.5f,
            Seed = 7,
            StopSequences = ["END", "STOP"],
            Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High },
            AdditionalProperties = new() { ["chat_template_kwargs"] = new Dictionary<string, object?> { ["a"] = 1 } },
        };
        JsonElement body = Body(Chat.Question, options);
        body.GetProperty("top_p").GetDouble().Should().Be(0.25);
        body.GetProperty("stop").GetRawText().Should().Be("""["END","STOP"]""");
        body.GetProperty("chat_template_kwargs").GetRawText().Should().Be("""{"a":1}""", "the caller's own are not mixed with ours");
        body.EnumerateObject().Count(static p => p.Name == "chat_template_kwargs").Should().Be(1);
        Body(Chat.Question, new ChatOptions()).TryGetProperty("chat_template_kwargs", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(ReasoningEffort.None, "false")]
    [InlineData(ReasoningEffort.High, "true")]
    public void Options_Reasoning_SwitchesTheTemplatesThinking(ReasoningEffort effort, string thinks) =>
        Body(Chat.Question, new ChatOptions { Reasoning = new ReasoningOptions { Effort = effort } }).GetProperty("chat_template_kwargs").GetProperty("enable_thinking").GetRawText().Should().Be(thinks);

    [Fact]
    public void Check_HostedTool_IsRefused() =>
        RequestCheck.Failure(Chat.Question, new ChatOptions { Tools = [new HostedWebSearchTool()] }, null)!.Message.Should().Contain("Tools");

    [Fact]
    public void Check_MessageWithoutRoleOrAnOddAttachment_IsRefused()
    {
        RequestCheck.Failure([new ChatMessage(default, "x")], null, null)?.Kind.Should().Be(FailureKind.BadRequest);
        RequestCheck.Failure([new ChatMessage(ChatRole.User, [new HostedVectorStoreContent("v")])], null, 100)!.Kind.Should().Be(FailureKind.BadRequest);
        RequestCheck.Failure(Chat.Question, new ChatOptions { Instructions = new string('x', 900) }, 100)!.Kind.Should().Be(FailureKind.ContextLengthExceeded);
    }

    [Fact]
    public async Task Stream_ToolCallFragments_AreJoinedAndReleasedAtTheEnd()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head
            + Sse.Delta("""{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}},{"index":1,"function":{"name":"g"}}]}""")
            + Sse.Delta("""{"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":2,"function":{"name":"h","arguments":"{ half"}}]}""")
            + Sse.End("tool_calls")));
        await using MlxProvider provider = Chat.Attach(server);
        (List<ChatResponseUpdate> updates, _) = await Chat.StreamAsync(provider);
        updates.Take(2).Should().OnlyContain(u => u.Contents.Count == 0);
        FunctionCallContent[] calls = [.. updates.SelectMany(u => u.Contents).OfType<FunctionCallContent>()];
        calls.Select(c => (c.CallId, c.Name)).Should().Equal(("a", "f"), ("call_1", "g"), ("call_2", "h"));
        calls[0].Arguments!["x"]!.ToString().Should().Be("1");
        calls[1].Arguments.Should().BeEmpty();
        calls[2].Exception.Should().NotBeNull();
    }

    [Fact]
    public async Task Stream_HalfAToolCallThenTheEnd_ReleasesNothing()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head + Sse.Delta("""{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}""")));
        await using MlxProvider provider = Chat.Attach(server);
        (List<ChatResponseUpdate> updates, ProviderException? failure) = await Chat.StreamAsync(provider);
        failure!.Kind.Should().Be(FailureKind.ConnectionLost);
        failure.OutputCommitted.Should().BeFalse();
        updates.SelectMany(u => u.Contents).Should().BeEmpty();
    }

    [Fact]
    public async Task Stream_ReasoningContentOfRelativesAndNullFinish_AreUnderstood()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head + Sse.Delta("""{"reasoning_content":"hm","content":null,"tool_calls":null}""", "\"null\"") + Sse.Text("Oslo.") + Sse.End("length")));
        await using MlxProvider provider = Chat.Attach(server);
        ChatResponse response = await Chat.AskAsync(provider);
        response.Text.Should().Be("Oslo.");
        response.FinishReason.Should().Be(ChatFinishReason.Length);
        response.Messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>().Single().Text.Should().Be("hm");
        response.CreatedAt.Should().Be(DateTimeOffset.FromUnixTimeSeconds(1));
        response.ResponseId.Should().Be("c");
    }

    [Theory]
    [InlineData("application/json", "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}", FailureKind.InvalidResponse)]
    [InlineData("text/html", "<html>proxy</html>", FailureKind.InvalidResponse)]
    [InlineData("application/json", "", FailureKind.InvalidResponse)]
    [InlineData("application/json", "{\"error\":\"Repository Not Found\"}", FailureKind.ModelMissing)]
    [InlineData("application/json", "{\"error\":{\"message\":\"slow down\",\"code\":429}}", FailureKind.RateLimited)]
    [InlineData("text/event-stream", "data: {\"choices\":{}}\n\n", FailureKind.InvalidResponse)]
    [InlineData("text/event-stream", "data: {\"id\":\n\n", FailureKind.InvalidResponse)]
    [InlineData("text/event-stream", "data: [1]\n\n", FailureKind.InvalidResponse)]
    [InlineData("text/event-stream", "data: {\"error\":\"boom\"}\n\n", FailureKind.Transient)]
    [InlineData("text/event-stream", "", FailureKind.ConnectionLost)]
    [InlineData("text/event-stream", "data: [DONE]\n\n", FailureKind.ConnectionLost)]
    public async Task Success_ThatIsNone_IsClassified(string type, string body, FailureKind kind)
    {
        await using RawServer server = new(x => x.WriteAsync(RawServer.Http(200, body, type)));
        await using MlxProvider provider = Chat.Attach(server);
        (await Chat.FailsAsync(provider)).Kind.Should().Be(kind);
    }

    [Fact]
    public async Task Stream_BrokenUtf8_IsInvalidResponse()
    {
        await using RawServer server = new(async x =>
        {
            await x.WriteAsync(Sse.Head);
            await x.Stream.WriteAsync(new byte[] { (byte)'d', 0xC3, 0x28, (byte)'\n' }, Stop);
        });
        await using MlxProvider provider = Chat.Attach(server);
        (await Chat.FailsAsync(provider)).Message.Should().Contain("not UTF-8");
    }

    [Fact]
    public async Task Stream_EndlessLine_IsRefusedWithBoundedMemory()
    {
        await using RawServer server = new(async x =>
        {
            await x.WriteAsync(Sse.Head + "data: ");
            string block = new('x', 1024 * 1024);
            try
            {
                while (true)
                {
                    await x.WriteAsync(block);
                }
            }
            catch (IOException)
            {
                // the adapter left
            }
        });
        await using MlxProvider provider = Chat.Attach(server);
        (await Chat.FailsAsync(provider)).Message.Should().Contain("longer than 8 MiB");
    }

    [Theory]
    [InlineData("application/json", 200)]
    [InlineData("application/json", 500)]
    public async Task Body_Endless_IsRefusedWithBoundedMemory(string type, int status)
    {
        await using RawServer server = new(async x =>
        {
            await x.WriteAsync(RawServer.Http(status, "", type));
            string block = new('x', 1024 * 1024);
            try
            {
                while (true)
                {
                    await x.WriteAsync(block);
                }
            }
            catch (IOException)
            {
                // the adapter left
            }
        });
        await using MlxProvider provider = Chat.Attach(server, o => o.Models["e"] = new ModelOptions { Capabilities = ModelCapabilities.Embeddings | ModelCapabilities.Chat });
        (await Chat.FailsAsync(provider)).Message.Should().Contain("longer than 16 MiB");
        Func<Task> embed = () => provider.EmbeddingGenerator!.GenerateAsync(["a"], cancellationToken: Stop);
        (await embed.Should().ThrowAsync<ProviderException>()).Which.Message.Should().Contain("longer than 64 MiB");
    }

    [Fact]
    public async Task Stream_LostAfterTheFinishReason_IsComplete()
    {
        await using RawServer server = new(async x =>
        {
            await x.WriteAsync(Sse.Head + Sse.Text("Oslo.") + Sse.Delta("{}", "\"stop\""));
            await x.HangAsync();
        });
        await using MlxProvider provider = Chat.Attach(server, o => o.IdleTimeout = TimeSpan.FromMilliseconds(200));
        (await Chat.AskAsync(provider)).Text.Should().Be("Oslo.");
    }

    [Fact]
    public async Task Sse_SplitAnywhere_GivesTheSameEvents()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(": comment\r\n\r\nevent: x\r\ndata: Øs\r\n\r\n\n\ndata:a\ndata: b\n\ndata: cut");
        for (int size = 1; size < bytes.Length; size++)
        {
            using Deadline deadline = new(TimeSpan.FromMinutes(1), TimeProvider.System, Stop);
            SseReader reader = new(new Pieces(bytes, size), deadline);
            (await reader.NextAsync()).Should().Be("Øs");
            (await reader.NextAsync()).Should().Be("a\nb");
            (await reader.NextAsync()).Should().BeNull("half an event is none");
        }
    }

    [Fact]
    public void Deadline_BytesRestartIt_SilenceEndsIt()
    {
        FakeTimeProvider clock = new();
        using Deadline deadline = new(TimeSpan.FromSeconds(10), clock, Stop);
        clock.Advance(TimeSpan.FromSeconds(9));
        deadline.Restart();
        clock.Advance(TimeSpan.FromSeconds(9));
        deadline.Expired.Should().BeFalse();
        deadline.Restart(TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(2));
        deadline.Expired.Should().BeTrue();
        deadline.Token.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public void RetryDelay_SecondsDateOrNone()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero));
        using HttpResponseMessage response = new();
        RetryDelay.Of(response, clock).Should().BeNull();
        response.Headers.TryAddWithoutValidation("Retry-After", "Tue, 03 Feb 2026 04:05:16 GMT");
        RetryDelay.Of(response, clock).Should().Be(TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromMinutes(1));
        RetryDelay.Of(response, clock).Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task ActivityStream_IsAReadOnlyBody()
    {
        ServerActivity activity = new(TimeProvider.System);
        await using ActivityStream stream = new(new MemoryStream([1, 2, 3]), activity);
        activity.SinceLastByte.Should().BeNull();
        byte[] buffer = new byte[1];
        stream.Read(buffer, 0, 1).Should().Be(1);
        activity.SinceLastByte.Should().NotBeNull();
#pragma warning disable CA1835 // the overload with an array is what is tested
        (await stream.ReadAsync(buffer, 0, 1, Stop)).Should().Be(1);
#pragma warning restore CA1835
        stream.Flush();
        (stream.CanRead, stream.CanSeek, stream.CanWrite).Should().Be((true, false, false));
        Action[] refused = [() => _ = stream.Length, () => _ = stream.Position, () => stream.Position = 1, () => stream.Seek(0, SeekOrigin.Begin), () => stream.SetLength(1), () => stream.Write(buffer, 0, 1)];
        refused.Should().AllSatisfy(a => a.Should().Throw<NotSupportedException>());
    }

    [Theory]
    [InlineData("""{"error":5}""", "5")]
    [InlineData("""{"error":{"type":"x"}}""", """{"type":"x"}""")]
    [InlineData("[1]", "[1]")]
    [InlineData("", "The server answered 400 without a reason.")]
    public void ErrorText_AnyShape_HasAMessage(string body, string message) => MlxErrorText.Classify(400, body).Message.Should().Be(message);

    [Fact]
    public void ErrorText_LongOrStatusless_IsBounded()
    {
        MlxErrorText.Classify(400, new string('x', 10_000)).Message.Should().HaveLength(500);
        MlxErrorText.Classify(null, "").Should().Match<ProviderFailure>(f => f.Kind == FailureKind.Unknown && f.Message == "The server gave no reason.");
        ProviderFailure tooLong = MlxErrorText.Classify(400, """{"error":{"message":"x","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":4}}""");
        (tooLong.Kind, tooLong.PromptTokens, tooLong.ContextWindow).Should().Be((FailureKind.ContextLengthExceeded, 9, 4));
    }

    private static JsonElement Body(IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        options.ModelId = "default_model";
        return JsonDocument.Parse(ChatRequestBody.Write(messages, options)).RootElement;
    }

    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
