using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Wire;

/// <summary>Which key goes out, and what a refused one costs.</summary>
public sealed class KeyTests
{
    private static readonly string[] s_three = ["one", "two", "three"];
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(401, """{"error":{"message":"bad","code":"invalid_api_key"}}""")]
    [InlineData(403, """{"error":{"message":"bad"}}""")]
    [InlineData(402, """{"error":{"message":"no credit"}}""")]
    [InlineData(429, """{"error":{"message":"slow","code":"rate_limit_exceeded"}}""")]
    public async Task Call_WhoseFirstKeyIsRefused_GoesOutWithTheNextAndStaysThere(int status, string body)
    {
        await using RawServer server = new(r => r.Headers["Authorization"] == "Bearer one" ? Reply.Json(body, status) : Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Provider(server);
        (await provider.CallAsync(streaming: false, Token)).Should().Be((null, "Oslo"));
        (await provider.CallAsync(streaming: false, Token)).Should().Be((null, "Oslo"));
        server.Requests.Select(r => r.Headers["Authorization"]).Should().Equal("Bearer one", "Bearer two", "Bearer two");
        server.Requests.Select(r => r.Body).Distinct().Should().ContainSingle("the same request goes out again");
    }

    [Fact]
    public async Task Stream_WhoseFirstKeyIsRefused_GoesOutWithTheNext()
    {
        await using RawServer server = new(r => r.Headers["Authorization"] == "Bearer one" ? Reply.Json("{}", 401) : Chats.Stream);
        await using OpenAIProvider provider = Provider(server);
        (await provider.CallAsync(streaming: true, Token)).Should().Be((null, "Oslo"));
    }

    [Fact]
    public async Task Key_ThatHasRested_IsTriedAgain()
    {
        await using RawServer server = new(r => r.Headers["Authorization"] == "Bearer one" ? Reply.Json("{}", 429, "Retry-After: 30") : Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Provider(server);
        await provider.CallAsync(streaming: false, Token);
        _clock.Advance(TimeSpan.FromSeconds(31));
        await provider.CallAsync(streaming: false, Token);
        server.Requests.Select(r => r.Headers["Authorization"]).Should().Equal("Bearer one", "Bearer two", "Bearer one", "Bearer two");
    }

    [Fact]
    public async Task Call_WhoseKeysAreAllRefused_FailsAfterEachWasTriedOnce()
    {
        await using RawServer server = new(Reply.Json("""{"error":{"message":"bad key one","code":"invalid_api_key"}}""", 401));
        await using OpenAIProvider provider = Provider(server);
        (Exception? seen, _) = await provider.CallAsync(streaming: false, Token);
        seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.AuthFailed);
        server.Requests.Should().HaveCount(3);
        await provider.CallAsync(streaming: false, Token);
        server.Requests.Should().HaveCount(4, "with all asleep only the one that wakes first is tried");
    }

    [Fact]
    public async Task Call_RefusedForAnotherReason_KeepsTheKey()
    {
        await using RawServer server = new(Reply.Json("{}", 500));
        await using OpenAIProvider provider = Provider(server);
        await provider.CallAsync(streaming: false, Token);
        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Call_WithADelegate_AsksItEachTime()
    {
        int count = 0;
        await using RawServer server = new(Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o =>
        {
            o.ApiKey = "never";
            o.ApiKeyProvider = _ => ValueTask.FromResult<string?>((++count).ToString(CultureInfo.InvariantCulture));
        });
        await provider.CallAsync(streaming: false, Token);
        await provider.CallAsync(streaming: false, Token);
        server.Requests.Select(r => r.Headers["Authorization"]).Should().Equal("Bearer 1", "Bearer 2");
    }

    [Fact]
    public async Task Call_WithADelegateThatHasNone_SendsNone()
    {
        await using RawServer server = new(Reply.Json("{}", 401));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.ApiKeyProvider = _ => ValueTask.FromResult<string?>(null));
        (await provider.CallAsync(streaming: false, Token)).Seen.Should().BeOfType<ProviderException>();
        server.Requests.Single().Headers.Should().NotContainKey("Authorization");
    }

    [Theory]
    [InlineData(OpenAIServerProfile.Azure, null, "api-key")]
    [InlineData(OpenAIServerProfile.Generic, "X-Key", "X-Key")]
    public async Task Call_WithAHeaderOfItsOwn_SendsTheKeyBare(OpenAIServerProfile profile, string? header, string expected)
    {
        await using RawServer server = new(Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => { o.Profile = profile; o.ApiKey = "one"; o.ApiKeyHeader = header; });
        await provider.CallAsync(streaming: false, Token);
        server.Requests.Single().Headers[expected].Should().Be("one");
        server.Requests.Single().Headers.Should().NotContainKey("Authorization");
    }

    [Fact]
    public async Task Refusal_ThatRepeatsTheKey_DoesNotShowIt()
    {
        await using RawServer server = new(Reply.Json("""{"error":{"message":"No such key: my-own-secret"}}""", 401));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.ApiKey = "my-own-secret");
        (await provider.CallAsync(streaming: false, Token)).Seen!.ToString().Should().NotContain("my-own-secret").And.Contain("[key]");
    }

    private OpenAIProvider Provider(RawServer server) => Chats.Provider(server.Endpoint, o => Array.ForEach(s_three, o.ApiKeys.Add), _clock);
}
