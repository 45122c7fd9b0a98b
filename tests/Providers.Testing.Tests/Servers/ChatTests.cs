using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Servers;

public sealed class ChatTests
{
    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Chat_Streamed_IsTheCanonicalAnswerWithFinishUsageAndMark(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        Chat.Answer answer = await chat.AskAsync();
        answer.Text.Should().Be(CanonicalAnswer.Text);
        answer.Finish.Should().Be("stop");
        answer.Output.Should().Be(CanonicalAnswer.Length);
        answer.Mark.Should().BeTrue();
        LoggedRequest request = chat.Server.Requests.Should().ContainSingle().Subject;
        await request.Ended;
        (request.Completed, request.ClientLeft, request.Status, request.Tokens, request.Model).Should().Be((true, false, 200, 60, "default_model"));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Chat_Whole_IsTheCanonicalAnswer(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        Chat.Answer answer = await chat.AskAsync(Chat.Body(stream: false));
        (answer.Text, answer.Finish, answer.Output).Should().Be((CanonicalAnswer.Text, "stop", CanonicalAnswer.Length));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Chat_AfterAPartialAnswer_GoesOnFromThere(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        string body = $$"""{"model":"default_model","messages":[{"role":"user","content":"Say it all."},{"role":"assistant","content":"{{CanonicalAnswer.Prefix(40)}}"},{"role":"user","content":"Go on."}],"stream":true}""";
        (await chat.AskAsync(body)).Text.Should().Be(CanonicalAnswer.Text[CanonicalAnswer.Prefix(40).Length..]);
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Chat_Echo_RepeatsTheUser(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Echo = true });
        (await chat.AskAsync()).Text.Should().Be("Say it all.");
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Chat_Echo_OfContentInParts_RepeatsTheirText(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Echo = true });
        const string body = """{"model":"default_model","messages":[{"role":"user","content":[{"type":"text","text":"Say "},{"type":"text","text":"it all."}]}],"stream":true}""";
        (await chat.AskAsync(body)).Text.Should().Be("Say it all.");
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Chat_WithToolArguments_CallsTheFirstTool(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { ToolArguments = """{"city":"Oslo"}""" });
        const string tools = ""","tools":[{"type":"function","function":{"name":"get_weather","parameters":{}}}]""";
        Chat.Answer streamed = await chat.AskAsync(Chat.Body(extra: tools));
        Chat.Answer whole = await chat.AskAsync(Chat.Body(stream: false, extra: tools));
        string all = string.Concat(streamed.Lines);
        all.Should().Contain("get_weather").And.Contain("call_00000001");
        string.Concat(whole.Lines).Should().Contain("get_weather").And.Contain("Oslo");
        streamed.Finish.Should().Be(wire == "ollama" ? "stop" : "tool_calls");
        streamed.Text.Should().BeEmpty();
    }

    [Theory]
    [InlineData("ollama", ""","options":{"num_predict":5}""")]
    [InlineData("openai", ""","max_completion_tokens":5""")]
    [InlineData("mlx", ""","max_tokens":5""")]
    public async Task Chat_WithALimit_EndsByLength(string wire, string limit)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        Chat.Answer answer = await chat.AskAsync(Chat.Body(extra: limit));
        (answer.Text, answer.Finish, answer.Output).Should().Be((CanonicalAnswer.Prefix(5), "length", 5));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Chat_WithReasoning_SendsItApart(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Reasoning = "Counting." });
        Chat.Answer answer = await chat.AskAsync();
        answer.Text.Should().Be(CanonicalAnswer.Text);
        string.Concat(answer.Lines).Should().Contain("Counting.");
        string.Concat((await chat.AskAsync(Chat.Body(stream: false))).Lines).Should().Contain("Counting.");
    }

    [Theory]
    [InlineData("ollama", "model 'other' not found")]
    [InlineData("openai", "model_not_found")]
    [InlineData("mlx", "Cannot find")]
    public async Task Chat_OfAMissingModel_Is404(string wire, string text)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Models = ["one"] });
        Chat.Answer answer = await chat.AskAsync(Chat.Body(model: "other"));
        answer.Status.Should().Be(404);
        string.Concat(answer.Lines).Should().Contain(text);
        (await chat.AskAsync(Chat.Body(model: "one"))).Text.Should().Be(CanonicalAnswer.Text);
    }

    [Fact]
    public async Task Connection_OfOllamaAndOpenAI_IsKept_OfMlxNot()
    {
        foreach ((string wire, bool kept) in new[] { ("ollama", true), ("openai", true), ("mlx", false) })
        {
            await using Chat chat = await Chat.StartAsync(wire);
            using HttpResponseMessage response = await chat.PostAsync(Chat.Body(stream: false));
            response.Version.Should().Be(kept ? new Version(1, 1) : new Version(1, 0));
            await response.Content.ReadAsStringAsync();
            (await chat.AskAsync()).Text.Should().Be(CanonicalAnswer.Text);
        }
    }
}
