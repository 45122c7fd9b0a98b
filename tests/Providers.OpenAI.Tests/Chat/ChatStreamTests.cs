using Microsoft.Extensions.AI;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Chat;

/// <summary>A streamed chat, both ways: a plain one that we send ourselves, and one with tools that the SDK sends.</summary>
public sealed class ChatStreamTests
{
    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "Capital of Norway?")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_IsReadAndCarriesNothingOfTheSdks(bool tools)
    {
        await using RawServer server = new(Chats.Stream with { Headers = ["x-request-id: req_1"] });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, static o => { o.ApiKey = "key-of-the-host"; o.Organization = "org"; });
        List<ChatResponseUpdate> updates = [];
        await provider.StreamAsync(updates, Options(tools), Token);
        updates.ToChatResponse().Text.Should().Be("Oslo");
        updates[^1].AdditionalProperties!["request_id"].Should().Be("req_1");
        Received received = server.Requests.Single();
        received.Headers["Authorization"].Should().Be("Bearer key-of-the-host");
        received.Headers["OpenAI-Organization"].Should().Be("org");
        received.Headers["Content-Type"].Should().StartWith("application/json");
        received.Headers.Keys.Should().NotContain(static k => k.StartsWith("X-Stainless", StringComparison.OrdinalIgnoreCase));
        received.Body.Contains("get_weather", StringComparison.Ordinal).Should().Be(tools);
    }

    [Theory]
    [InlineData(false, 503, FailureKind.Overloaded)]
    [InlineData(true, 503, FailureKind.Overloaded)]
    [InlineData(false, 200, FailureKind.InvalidResponse)]
    [InlineData(true, 200, FailureKind.InvalidResponse)]
    public async Task Stream_AnsweredWithSomethingElse_FailsTheSame(bool tools, int status, FailureKind kind)
    {
        await using RawServer server = new(Reply.Json(status == 200 ? Chats.Answer : "{}", status));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await FluentActions.Awaiting(() => provider.StreamAsync([], Options(tools), Token)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(kind);
    }

    [Fact]
    public async Task Stream_EnumeratedTwice_IsAskedForTwice()
    {
        await using RawServer server = new(Chats.Stream);
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        IAsyncEnumerable<ChatResponseUpdate> stream = provider.ChatClient!.GetStreamingResponseAsync(s_question, null, Token);
        (await stream.ToChatResponseAsync(Token)).Text.Should().Be("Oslo");
        (await stream.ToChatResponseAsync(Token)).Text.Should().Be("Oslo");
        server.Requests.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_OfTwoTokens_EndsWithEither(bool first)
    {
        await using RawServer server = new(Chats.Stream with { Pieces = [.. Chats.Stream.Pieces.Take(1)], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        using CancellationTokenSource one = new(), other = new();
        await using IAsyncEnumerator<ChatResponseUpdate> updates = provider.ChatClient!.GetStreamingResponseAsync(s_question, null, one.Token).GetAsyncEnumerator(other.Token);
        (await updates.MoveNextAsync()).Should().BeTrue();
        ValueTask<bool> next = updates.MoveNextAsync();
        await (first ? one : other).CancelAsync();
        await FluentActions.Awaiting(next.AsTask).Should().ThrowAsync<OperationCanceledException>();
        (await updates.MoveNextAsync()).Should().BeFalse("it has ended");
    }

    [Fact]
    public async Task Stream_OfACallerWhoHasLeft_IsNotAskedFor()
    {
        await using RawServer server = new(Chats.Stream);
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        await FluentActions.Awaiting(() => provider.StreamAsync([], null, new CancellationToken(true))).Should().ThrowAsync<OperationCanceledException>();
        server.Requests.Should().BeEmpty();
    }

    private static ChatOptions? Options(bool tools) => tools ? new ChatOptions { Tools = [AIFunctionFactory.Create(static () => "rain", "get_weather")] } : null;
}
