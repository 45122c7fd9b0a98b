using System.Text.Json;
using System.Text.RegularExpressions;
using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Servers;

/// <summary>What goes wrong with an answer that is not streamed.</summary>
public sealed partial class WholeFaultTests
{
    private static readonly string Body = Chat.Body(stream: false);

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task MalformedAndCutToolCall_AreHalfAnAnswerOfTheRightLength(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.MalformedAfter(3), Fault.CutToolCall);
        for (int i = 0; i < 2; i++)
        {
            Raw raw = await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, Body));
            raw.Body.Length.Should().Be(LengthOf(raw));
            FluentActions.Invoking(() => JsonDocument.Parse(raw.Body)).Should().Throw<JsonException>();
        }

        chat.Server.Requests.Should().HaveCount(2).And.OnlyContain(static r => !r.Completed);
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task CutAfter_EndsBeforeItsLength(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.CutAfter(3));
        Raw raw = await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, Body));
        raw.Body.Length.Should().BePositive().And.BeLessThan(LengthOf(raw));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task StallAfter_SendsHalfUntilTheClientLeaves(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.StallAfter(3));
        using CancellationTokenSource leave = new();
        using HttpResponseMessage response = await chat.PostAsync(Body, leave.Token);
        long whole = response.Content.Headers.ContentLength!.Value;
        using Stream stream = await response.Content.ReadAsStreamAsync(leave.Token);
        byte[] half = new byte[whole / 2];
        await stream.ReadExactlyAsync(half, leave.Token);
        Task<int> rest = stream.ReadAsync(half, leave.Token).AsTask();
        rest.IsCompleted.Should().BeFalse();
        await leave.CancelAsync();
        await FluentActions.Awaiting(() => rest).Should().ThrowAsync<Exception>();
        response.Dispose();
        LoggedRequest request = chat.Server.Requests.Single();
        await request.Ended.WaitAsync(TimeSpan.FromMinutes(2));
        (request.ClientLeft, request.Completed).Should().Be((true, false));
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task BrokenUtf8_HasAByteThatIsNoText(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.BrokenUtf8);
        Raw raw = await Raw.SendAsync(chat.Server.Endpoint, Raw.Post(chat.Path, Body));
        raw.Body.Should().Contain("\uFFFD");
        chat.Server.Requests.Single().Completed.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Chat.Wires), MemberType = typeof(Chat))]
    public async Task OpenAfterFinish_IsWholeThoughTheConnectionStays(string wire)
    {
        await using Chat chat = await Chat.StartAsync(wire);
        chat.Server.Faults.Enqueue(Fault.OpenAfterFinish);
        (await chat.AskAsync(Body)).Text.Should().Be(CanonicalAnswer.Text);
    }

    private static int LengthOf(Raw raw) => int.Parse(Length().Match(raw.Head).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Content-Length: (\d+)")]
    private static partial Regex Length();
}
