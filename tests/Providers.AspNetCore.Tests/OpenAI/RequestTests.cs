using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.OpenAI;

/// <summary>What of a request reaches the client, and which requests do not get that far.</summary>
public sealed class RequestTests : IClassFixture<RecorderHost>
{
    private readonly GatewayHost _host;
    private readonly Recorder _recorder;

    public RequestTests(RecorderHost shared)
    {
        (_host, _recorder) = (shared.Host, shared.Recorder);
        _recorder.Forget();
    }

    [Fact]
    public async Task Options_OfEverySort_ReachTheClient()
    {
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", """
            {"model":"m","temperature":0.5,"top_p":0.9,"frequency_penalty":1,"presence_penalty":-1,"seed":42,"stop":["a","b"],"max_completion_tokens":7,
             "parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high","logprobs":true,"top_logprobs":3,
             "tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,"parameters":{"type":"object","properties":{"x":{"type":"number"}}}}},{"type":"function","function":{"name":"g"}}],
             "response_format":{"type":"json_schema","json_schema":{"name":"r","strict":true,"schema":{"type":"object"}}},"store":true,"metadata":{"a":"b"},"user":"u","service_tier":"auto",
             "messages":[{"role":"developer","content":"sys"},{"role":"user","name":"anna","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
              {"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"2"}]}]}
            """);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        ChatOptions options = _recorder.Options!;
        (options.ModelId, options.Temperature, options.TopP, options.FrequencyPenalty, options.PresencePenalty, options.Seed, options.MaxOutputTokens, options.AllowMultipleToolCalls)
            .Should().Be(("m", 0.5f, 0.9f, 1f, -1f, 42L, 7, false));
        options.StopSequences.Should().Equal("a", "b");
        options.ToolMode.Should().Be(ChatToolMode.RequireSpecific("f"));
        options.Reasoning!.Effort.Should().Be(ReasoningEffort.High);
        options.AdditionalProperties!["logprobs"].Should().Be(true);
        options.AdditionalProperties["top_logprobs"].Should().Be(3);
        options.AdditionalProperties["strict"].Should().Be(true);
        AIFunctionDeclaration f = options.Tools![0].Should().BeAssignableTo<AIFunctionDeclaration>().Subject;
        (f.Name, f.Description, f.AdditionalProperties["strict"]).Should().Be(("f", "d", true));
        f.JsonSchema.GetProperty("properties").GetProperty("x").GetProperty("type").GetString().Should().Be("number");
        options.Tools[1].AdditionalProperties.Should().BeEmpty();
        options.ResponseFormat.Should().BeOfType<ChatResponseFormatJson>().Which.SchemaName.Should().Be("r");

        ChatMessage[] messages = _recorder.Messages!;
        messages.Select(static m => m.Role).Should().Equal(ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool);
        messages[1].AuthorName.Should().Be("anna");
        messages[1].Contents.Select(static c => c.GetType()).Should().Equal(typeof(TextContent), typeof(DataContent), typeof(UriContent), typeof(DataContent), typeof(DataContent));
        messages[1].Contents[1].AdditionalProperties!["detail"].Should().Be("low");
        ((DataContent)messages[1].Contents[3]).MediaType.Should().Be("audio/wav");
        ((DataContent)messages[1].Contents[4]).Name.Should().Be("a.pdf");
        messages[2].Contents.Should().ContainSingle().Which.Should().BeOfType<FunctionCallContent>().Which.Arguments!["x"]!.ToString().Should().Be("1");
        messages[3].Contents.Should().ContainSingle().Which.Should().BeOfType<FunctionResultContent>().Which.Result.Should().Be("2");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    [InlineData("{", null)]
    [InlineData("{}", null)]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":null}""", "messages")]
    [InlineData("""{"messages":[null]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]} x""", null)]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"messages":[]}""", null)]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", null)]
    [InlineData("""{"messages":[{"role":"king","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"function","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", null)]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"video"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":[null]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,%%%"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://example.org/a.png"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://169.254.169.254/latest"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://[::ffff:127.0.0.1]/"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://user@example.org/"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://metadata.google.internal/"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://2130706433/"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"x;y"}}]}]}""", "messages[0].content[0].input_audio.format")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{"}}]}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[null]}]}""", "messages[0].tool_calls[0]")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":null,"function":{"name":"f"}}]}]}""", "messages[0].tool_calls[0].id")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":null}}]}]}""", "messages[0].tool_calls[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stop":["a",null]}""", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":3}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":1e400}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"top_p":-1}""", "top_p")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"frequency_penalty":3}""", "frequency_penalty")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"presence_penalty":-3}""", "presence_penalty")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "max_completion_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"n":2}""", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stop":5}""", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stop":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}""", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"functions":[]}""", "functions")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"top_logprobs":21}""", "top_logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"web"}]}""", "tools[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":[]}}]}""", "tools[0].function.parameters")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tool_choice":"maybe"}""", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"function"}}""", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}}""", "response_format.type")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"}}""", "response_format.json_schema")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"reasoning_effort":"extreme"}""", "reasoning_effort")]
    public async Task Chat_WithARequestThatIsWrong_IsRefusedWithItsPlace(string body, string? parameter)
    {
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", body);
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest, text);
        using JsonDocument error = JsonDocument.Parse(text);
        JsonElement inner = error.RootElement.GetProperty("error");
        inner.GetProperty("type").GetString().Should().Be("invalid_request_error");
        if (parameter is not null)
        {
            inner.GetProperty("param").GetString().Should().Be(parameter);
        }

        _recorder.Options.Should().BeNull("nothing reached a model");
    }

    [Theory]
    [InlineData("""{"name":"f"}""")]
    [InlineData("""{"name":"f","arguments":""}""")]
    [InlineData("""{"name":"f","arguments":" "}""")]
    public async Task ToolCall_SentBackWithoutArguments_HasNone(string function)
    {
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions",
            $$"""{"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","function":{{function}}}]},{"role":"tool","tool_call_id":"c","content":"y"}]}""");
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        FunctionCallContent call = _recorder.Messages![1].Contents.Should().ContainSingle().Which.Should().BeOfType<FunctionCallContent>().Subject;
        (call.Name, call.CallId, call.Arguments).Should().Be(("f", "c", null));
    }

    [Theory]
    [InlineData("null", "A tool call must name its function.")]
    [InlineData("""{"id":"c","function":{"name":null}}""", "A tool call must name its function.")]
    [InlineData("""{"id":null,"function":{"name":"f"}}""", "A tool call must have an id.")]
    [InlineData("""{"id":"c","function":{"name":"f","arguments":"[1]"}}""", "The arguments of a tool call are not a JSON object.")]
    public async Task ToolCall_SentBackWrong_SaysWhatIsWrong(string call, string message)
    {
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", $$"""{"messages":[{"role":"assistant","tool_calls":[{{call}}]}]}""");
        using JsonDocument error = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        error.RootElement.GetProperty("error").GetProperty("message").GetString().Should().Be(message);
    }

    [Fact]
    public async Task Refusal_SentBackAsItWasAnswered_StaysInTheConversation()
    {
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions",
            """{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"refusal":"I cannot do that."},{"role":"user","content":"y"}]}""");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        _recorder.Messages!.Select(static m => m.Text).Should().Equal("x", "I cannot do that.", "y");
    }

    [Theory]
    [InlineData("scripted-model")]
    [InlineData("alpha/scripted-model")]
    [InlineData("alpha%2Fscripted-model")]
    [InlineData("alpha%2fscripted-model")]
    public async Task Model_AskedForByItsName_IsFoundWhetherOrNotItsSlashIsEscaped(string id)
    {
        await using GatewayHost host = await GatewayHost.StartAsync(["alpha"]);
        using HttpResponseMessage response = await host.Client.GetAsync(new Uri("/v1/models/" + id, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, text);
        JsonDocument.Parse(text).RootElement.GetProperty("id").GetString().Should().Be(Uri.UnescapeDataString(id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Finish_WhereTheClientGivesNoReason_SaysWhetherToolsAreCalled(bool calls)
    {
        _recorder.Answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, [calls ? new FunctionCallContent("c", "f") : new TextContent("ok")]));
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}]}""");
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be(calls ? "tool_calls" : "stop");
    }

    [Theory]
    [InlineData("""{"input":"x","encoding_format":"hex"}""", "encoding_format")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":[""]}""", "input")]
    [InlineData("""{"input":[1,2]}""", "input")]
    [InlineData("""{"input":[[1,2]]}""", "input")]
    [InlineData("""{"input":{}}""", null)]
    [InlineData("""{"input":[null]}""", null)]
    [InlineData("""{}""", null)]
    [InlineData("""{"input":"x","dimensions":0}""", "dimensions")]
    public async Task Embeddings_WithARequestThatIsWrong_AreRefusedWithItsPlace(string body, string? parameter)
    {
        await using GatewayHost host = await GatewayHost.StartAsync(["alpha"]);
        using HttpResponseMessage response = await host.PostAsync("/v1/embeddings", body);
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest, text);
        if (parameter is not null)
        {
            JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("param").GetString().Should().Be(parameter);
        }

        host.Provider.Embeddings!.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(FailureKind.RateLimited, 429, "rate_limit_exceeded")]
    [InlineData(FailureKind.BudgetExhausted, 429, "budget_exhausted")]
    [InlineData(FailureKind.Overloaded, 503, "overloaded")]
    [InlineData(FailureKind.ModelLoading, 503, "model_loading")]
    [InlineData(FailureKind.ModelMissing, 404, "model_not_found")]
    [InlineData(FailureKind.ContextLengthExceeded, 400, "context_length_exceeded")]
    [InlineData(FailureKind.ContentFiltered, 400, "content_filter")]
    [InlineData(FailureKind.BadRequest, 400, "invalid_request")]
    [InlineData(FailureKind.TimedOut, 504, "timeout")]
    [InlineData(FailureKind.AuthFailed, 502, "provider_failed")]
    [InlineData(FailureKind.QuotaExhausted, 502, "provider_failed")]
    [InlineData(FailureKind.Transient, 502, "provider_failed")]
    [InlineData(FailureKind.ConnectionLost, 502, "provider_failed")]
    [InlineData(FailureKind.InvalidResponse, 502, "provider_failed")]
    [InlineData(FailureKind.Unknown, 502, "provider_failed")]
    public async Task Failures_OfTheModelServer_AreAnsweredByTheTableAndSayNothingOfIt(FailureKind kind, int status, string code)
    {
        _recorder.Error = new ProviderException(new ProviderFailure(kind, "sk-secret at http://10.0.0.7") { RetryAfter = TimeSpan.FromSeconds(2.1) }, "p", "m");
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}]}""");
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).Should().Be(status);
        text.Should().Contain($"\"code\":\"{code}\"").And.NotContain("sk-secret").And.NotContain("10.0.0.7");
        response.Headers.Contains("X-Request-Id").Should().BeTrue();
        if (status is 429 or 503)
        {
            response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(3), "rounded up");
        }
    }

    [Fact]
    public async Task Failures_ThatAreDefects_AreOneSentence()
    {
        _recorder.Error = new InvalidOperationException("stack and secrets");
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}]}""");
        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync()).Should().Contain("internal_error").And.NotContain("secrets");
    }

    [Fact]
    public async Task Answers_WithEverythingInThem_AreWrittenWhole()
    {
        _recorder.Answer = new ChatResponse([
                new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), new FunctionCallContent("c0", "ran", null) { InformationalOnly = true }]),
                new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c0", "r")]),
                new ChatMessage(ChatRole.Assistant, [new TextContent("a"), new TextContent("b"), new ErrorContent("no") { ErrorCode = "Refusal" }, new FunctionCallContent("c1", "f", new Dictionary<string, object?> { ["x"] = "ø" })])])
        {
            ModelId = "served",
            ResponseId = "id-1",
            CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(5),
            FinishReason = ChatFinishReason.ToolCalls,
            Usage = new UsageDetails { InputTokenCount = 1, OutputTokenCount = 2, CachedInputTokenCount = 3, ReasoningTokenCount = 4 },
            AdditionalProperties = new() { ["logprobs"] = JsonDocument.Parse("""{"content":[]}""").RootElement, [ResponseAnnotations.Provider] = "pø", [ResponseAnnotations.Attempts] = 12 },
        };
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}]}""");
        (await response.Content.ReadAsStringAsync()).Should().Be("""{"id":"id-1","object":"chat.completion","created":5,"model":"served","choices":[{"index":0,"message":{"role":"assistant","content":"ab","refusal":"no","reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":\"ø\"}"}}]},"logprobs":{"content":[]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":4}}}""");
        response.Headers.GetValues("X-Provider").Should().Equal("p?");
        response.Headers.GetValues("X-Provider-Model").Should().Equal("served");
        response.Headers.GetValues("X-Provider-Attempts").Should().Equal("12");
    }

    [Fact]
    public async Task Answers_WithAToolCallThatIsNoJson_AreAFailureOfTheModel()
    {
        _recorder.Answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", "f", null) { Exception = new JsonException("bad") }]));
        using HttpResponseMessage response = await _host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}]}""");
        response.StatusCode.Should().Be(HttpStatusCode.BadGateway);
    }

    [Fact]
    public async Task Hosts_WithoutARouter_ServeTheirOneClient()
    {
        (await _host.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative))).Should().Contain("\"recorder-model\"");
        using HttpResponseMessage missing = await _host.Client.GetAsync(new Uri("/v1/models/a/b", UriKind.Relative));
        missing.StatusCode.Should().Be(HttpStatusCode.NotFound);
        using HttpResponseMessage providers = await _host.Client.GetAsync(new Uri("/v1/providers", UriKind.Relative));
        providers.StatusCode.Should().Be(HttpStatusCode.NotFound, "there is no catalogue to show");
    }
}
