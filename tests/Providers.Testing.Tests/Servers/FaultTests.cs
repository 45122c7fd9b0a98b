using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Servers;

public sealed class FaultTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Stop_ThenStart_RefusesAndComesBackOnTheSamePort(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        await chat.AskAsync();
        chat.Server.Stop();
        Func<Task> ask = () => chat.AskAsync();
        (await ask.Should().ThrowAsync<HttpRequestException>()).WithInnerException<SocketException>()
            .Which.SocketErrorCode.Should().Be(SocketError.ConnectionRefused);
        chat.Server.Start();
        (await chat.AskAsync()).Text.Should().Be(CanonicalAnswer.Text);
        chat.Server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Refuse_ForAWhile_EndsOnTheClock()
    {
        await using Chat chat = await Chat.StartAsync("openai", new ModelServerOptions { Clock = _clock });
        chat.Server.Faults.Enqueue(Fault.Refuse(TimeSpan.FromSeconds(10)));
        Func<Task> ask = () => chat.AskAsync();
        await ask.Should().ThrowAsync<HttpRequestException>();
        (await ask.Should().ThrowAsync<HttpRequestException>()).WithInnerException<SocketException>();
        _clock.Advance(TimeSpan.FromSeconds(10));
        (await chat.AskAsync()).Text.Should().Be(CanonicalAnswer.Text);
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task ResetAndDrop_GiveNoByte(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.Reset, Fault.Drop);
        (await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, Chat.Body()))).Should().Be(new Raw("", Reset: true));
        (await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, Chat.Body()))).Should().Be(new Raw("", Reset: false));
    }

    [Theory]
    [InlineData("ollama", "{\"error\":\"Rate limit")]
    [InlineData("openai", "\"code\":\"rate_limit_exceeded\"")]
    [InlineData("mlx", "{\"error\":\"Rate limit")]
    public async Task Status_Once_CarriesRetryAfterAndTheServersForm(string wire, string form)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.Status(429, "2", "rate_limit_exceeded"));
        using HttpResponseMessage refused = await chat.PostAsync(Chat.Body());
        ((int)refused.StatusCode).Should().Be(429);
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(2));
        (await refused.Content.ReadAsStringAsync()).Should().Contain(form);
        (await chat.AskAsync()).Text.Should().Be(CanonicalAnswer.Text);
        chat.Server.Requests.Select(static r => r.Status).Should().Equal(429, 200);
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Always_MeetsEveryInferenceButNoProbe(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Always(Fault.Status(503));
        (await chat.AskAsync()).Status.Should().Be(503);
        (await chat.AskAsync()).Status.Should().Be(503);
        (await chat.Http.GetStringAsync(wire == "ollama" ? "/api/tags" : "/v1/models")).Should().Contain("test-model");
        chat.Server.Faults.Clear();
        (await chat.AskAsync()).Status.Should().Be(200);
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Hang_UntilTheClientLeaves_IsLogged(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.Hang);
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> asking = chat.PostAsync(Chat.Body(), leave.Token);
        await chat.Server.WaitForRequestsAsync(1);
        asking.IsCompleted.Should().BeFalse();
        await leave.CancelAsync();
        await chat.Server.Requests[0].Ended;
        (chat.Server.Requests[0].ClientLeft, chat.Server.Requests[0].Status).Should().Be((true, null));
    }

    [Theory]
    [InlineData("ollama", false)]
    [InlineData("openai", true)]
    [InlineData("mlx", true)]
    public async Task DelayFirstToken_SendsHeadersAtOnceWhereTheServerDoes(string wire, bool headers)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Clock = _clock });
        chat.Server.Faults.Enqueue(Fault.DelayFirstToken(TimeSpan.FromSeconds(30)));
        Task<HttpResponseMessage> asking = chat.PostAsync(Chat.Body());
        await chat.Server.WaitForRequestsAsync(1);
        if (headers)
        {
            await asking;
        }

        asking.IsCompleted.Should().Be(headers);

        while (!asking.IsCompleted || chat.Server.Requests[0].Tokens < 60)
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        using HttpResponseMessage response = await asking;
        (await response.Content.ReadAsStringAsync()).Should().Contain("t59");
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task CutAfter_ClosesWithoutTheEndMark(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.CutAfter(40));
        Chat.Answer answer = await chat.AskAsync();
        (answer.Text, answer.Finish, answer.Mark).Should().Be((CanonicalAnswer.Prefix(40), null, false));
        (answer.Error is not null).Should().Be(wire != "mlx", "a close-delimited body cannot tell a cut from an end");
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task CutAfterBytes_SendsExactlySoMany(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        string request = Raw.Post(chat.Path, Chat.Body());
        for (int bytes = 0; bytes <= 1_000; bytes += 97)
        {
            chat.Server.Faults.Enqueue(Fault.CutAfterBytes(bytes));
            (await Raw.SendAsync(chat.Server.Endpoint, request)).Text.Length.Should().Be(bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task EndAfter_EndsInOrderWithoutFinishOrMark(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.EndAfter(40), Fault.EndAfter(40));
        Chat.Answer answer = await chat.AskAsync();
        (answer.Text, answer.Finish, answer.Mark, answer.Error).Should().Be((CanonicalAnswer.Prefix(40), null, false, null));
        Chat.Answer whole = await chat.AskAsync(Chat.Body(stream: false));
        (whole.Text, whole.Finish).Should().Be((CanonicalAnswer.Prefix(40), null));
        chat.Server.Requests.Should().OnlyContain(static r => !r.Completed);
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task MalformedAfter_SendsAPieceThatIsNoJson(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.MalformedAfter(10));
        Chat.Answer answer = await chat.AskAsync();
        answer.Text.Should().Be(CanonicalAnswer.Prefix(10));
        answer.Broken.Should().ContainSingle();
        answer.Finish.Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task ErrorAfter_SendsAnErrorInTheStream(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.ErrorAfter(0), Fault.ErrorAfter(7, "boom"), Fault.ErrorAfter(0, "boom"));
        Chat.Answer first = await chat.AskAsync();
        (first.Status, first.Text).Should().Be((200, ""));
        first.InBand.Should().Contain("unexpected EOF");
        Chat.Answer later = await chat.AskAsync();
        later.Text.Should().Be(CanonicalAnswer.Prefix(7));
        later.InBand.Should().Contain("boom");
        (await chat.AskAsync(Chat.Body(stream: false))).InBand.Should().Contain("boom");
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task StallAfter_SendsSoManyAndFallsSilent(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.StallAfter(20));
        using CancellationTokenSource leave = new();
        using HttpResponseMessage response = await chat.PostAsync(Chat.Body(), leave.Token);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(leave.Token));
        string text = "";
        while (!text.Contains("t19", StringComparison.Ordinal))
        {
            text += await reader.ReadLineAsync(leave.Token);
        }

        Task<string> rest = reader.ReadToEndAsync(leave.Token);
        rest.IsCompleted.Should().BeFalse();
        await leave.CancelAsync();
        await rest.ContinueWith(static _ => { }, TaskScheduler.Default);
        response.Dispose();
        await chat.Server.Requests[0].Ended;
        (chat.Server.Requests[0].Tokens, chat.Server.Requests[0].ClientLeft).Should().Be((20, true));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task OpenAfterFinish_HasTheFinishButNoEnd(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.OpenAfterFinish);
        using HttpResponseMessage response = await chat.PostAsync(Chat.Body());
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        Chat.Answer answer = new();
        while (answer.Finish is null)
        {
            answer.Read((await reader.ReadLineAsync())!);
        }

        answer.Text.Should().Be(CanonicalAnswer.Text);
        chat.Server.Requests[0].Ended.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task KeepAlive_SendsCommentsAndNoToken(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Clock = _clock });
        chat.Server.Faults.Enqueue(Fault.KeepAlive(TimeSpan.FromSeconds(1)));
        Task<HttpResponseMessage> asking = chat.PostAsync(Chat.Body());
        await chat.Server.WaitForRequestsAsync(1);
        using HttpResponseMessage response = await asking;
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        int comments = 0;
        while (comments < 5)
        {
            Task<string?> reading = reader.ReadLineAsync();
            while (!reading.IsCompleted)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            string line = (await reading)!;
            comments += line.StartsWith(':') || line.Contains("\"content\":\"\"", StringComparison.Ordinal) ? 1 : 0;
            line.Should().NotContain("t00");
        }
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task TokenEvery_WaitsBeforeEachToken(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Clock = _clock });
        chat.Server.Faults.Enqueue(Fault.TokenEvery(TimeSpan.FromSeconds(5)));
        DateTimeOffset start = _clock.GetUtcNow();
        Task<Chat.Answer> asking = chat.AskAsync();
        while (!asking.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await asking).Text.Should().Be(CanonicalAnswer.Text);
        (_clock.GetUtcNow() - start).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(300));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Junk_IsA200ThatIsNoAnswer(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.Html, Fault.Empty, Fault.WrongJson, Fault.HugeBody(300_000));
        (await chat.AskAsync()).Lines[0].Should().Be("<!DOCTYPE html>");
        (await chat.AskAsync()).Lines.Should().BeEmpty();
        (await chat.AskAsync()).Lines.Should().Equal("""{"unexpected":[1,2,3]}""");
        string.Concat((await chat.AskAsync()).Lines).Length.Should().BeInRange(300_000, 300_050);
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task EndlessLine_EndsWhenTheClientLeaves(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.EndlessLine);
        using HttpResponseMessage response = await chat.PostAsync(Chat.Body());
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        byte[] buffer = new byte[1_000_000];
        await stream.ReadExactlyAsync(buffer);
        buffer.Should().NotContain((byte)'\n');
        response.Dispose();
        await chat.Server.Requests[0].Ended;
        chat.Server.Requests[0].ClientLeft.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task BrokenUtf8_HasAByteThatIsNone(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.BrokenUtf8, Fault.BrokenUtf8);
        foreach (bool stream in new[] { true, false })
        {
            using HttpResponseMessage response = await chat.PostAsync(Chat.Body(stream));
            (await response.Content.ReadAsByteArrayAsync()).Should().Contain((byte)0xFF);
        }
    }

    [Fact]
    public async Task UsageWithChoices_ComesOnce()
    {
        await using Chat chat = await Chat.StartAsync("openai");
        chat.Server.Faults.Enqueue(Fault.UsageWithChoices);
        Chat.Answer answer = await chat.AskAsync();
        answer.Output.Should().Be(60);
        answer.Lines.Where(static l => l.Contains("usage", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().Contain("finish_reason");
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task CutToolCall_EndsInTheArguments(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.CutToolCall);
        Chat.Answer answer = await chat.AskAsync();
        string all = string.Concat(answer.Lines);
        all.Should().Contain("get_weather").And.NotContain("Oslo\\\"}").And.NotContain("\"Oslo\"}");
        answer.Finish.Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task Load_LeftAlone_StartsOver_AndIsSharedByAllWhoWait(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Clock = _clock });
        chat.Server.Faults.Always(Fault.Load(TimeSpan.FromSeconds(90)));
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> impatient = chat.PostAsync(Chat.Body(), leave.Token);
        await chat.Server.WaitForRequestsAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(60));
        await leave.CancelAsync();
        await chat.Server.Requests[0].Ended;
        Task<Chat.Answer> first = chat.AskAsync();
        await chat.Server.WaitForRequestsAsync(2);
        DateTimeOffset start = _clock.GetUtcNow();
        Task<Chat.Answer> second = chat.AskAsync();
        while (!first.IsCompleted || !second.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await first).Text.Should().Be(CanonicalAnswer.Text);
        (await second).Text.Should().Be(CanonicalAnswer.Text);
        (_clock.GetUtcNow() - start).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(89));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task ModelName_ChoosesTheFault(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Models = ["one"] });
        (await chat.AskAsync(Chat.Body(model: "fault:S01"))).Status.Should().Be(429);
        (await chat.AskAsync(Chat.Body(model: "fault:S01"))).Text.Should().Be(CanonicalAnswer.Text);
        (await chat.AskAsync(Chat.Body(model: "fault:S18"))).Text.Should().Be(CanonicalAnswer.Prefix(40));
        (await chat.AskAsync(Chat.Body(model: "fault:cut:3"))).Text.Should().Be(CanonicalAnswer.Prefix(3));
        (await chat.AskAsync(Chat.Body(model: "fault:418"))).Status.Should().Be(418);
        chat.Server.Requests[0].Fault.ToString().Should().Be("Status 429 rate_limit_exceeded");
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task On_AList_DelaysOnlyThat(string wire)
    {
        string list = wire == "ollama" ? "/api/tags" : "/v1/models";
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Clock = _clock });
        chat.Server.Faults.Always(Fault.DelayHeaders(TimeSpan.FromMinutes(1)).On(list));
        (await chat.AskAsync()).Text.Should().Be(CanonicalAnswer.Text);
        Task<string> listing = chat.Http.GetStringAsync(list);
        await chat.Server.WaitForRequestsAsync(2);
        listing.IsCompleted.Should().BeFalse();
        while (!listing.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        (await listing).Should().Contain("test-model");
    }
}
