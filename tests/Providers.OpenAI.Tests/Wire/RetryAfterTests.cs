using Microsoft.Extensions.Time.Testing;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Wire;

/// <summary>How long a refused caller is asked to stay away: the first of several sources that says so.</summary>
public sealed class RetryAfterTests
{
    private const string Silent = """{"error":{"message":"Rate limit","code":"rate_limit_exceeded"}}""";
    private const string Telling = """{"error":{"message":"Rate limit. Please try again in 3s.","code":"rate_limit_exceeded"}}""";
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, string[], double?> Sources => new()
    {
        { Telling, ["retry-after-ms: 1412", "retry-after: 2", "x-ratelimit-reset-requests: 9s"], 1_412 },
        { Telling, ["retry-after: 2"], 2_000 },
        { Telling, ["retry-after: 2.5"], 2_500 },
        { Telling, ["retry-after: Mon, 23 Nov 2026 12:00:30 GMT"], 30_000 },
        { Telling, ["retry-after: Mon, 23 Nov 2026 11:00:00 GMT"], 0 },
        { Telling, ["x-ratelimit-reset-requests: 9s"], 3_000 },
        { Silent, ["retry-after: later", "x-ratelimit-reset-requests: 9s"], 9_000 },
        { Silent, ["x-ratelimit-remaining-requests: 0", "x-ratelimit-remaining-tokens: 5", "x-ratelimit-reset-requests: 1s", "x-ratelimit-reset-tokens: 6m0s"], 1_000 },
        { Silent, ["x-ratelimit-remaining-requests: 5", "x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-requests: 1s", "x-ratelimit-reset-tokens: 120ms"], 120 },
        { Silent, ["x-ratelimit-reset-requests: 1s", "x-ratelimit-reset-tokens: 2s"], 2_000 },
        { Silent, ["x-ratelimit-reset-tokens: 2s"], 2_000 },
        { Silent, ["x-ratelimit-remaining-requests: 5", "x-ratelimit-reset-requests: 1s"], 1_000 },
        { Silent, ["x-ratelimit-remaining-tokens: 5", "x-ratelimit-reset-tokens: 1s"], 1_000 },
        { Silent, ["retry-after: 99999999999"], 86_400_000 },
        { Silent, [], null },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task RateLimit_FromEverySource_IsReadInTheirOrder(string body, string[] headers, double? milliseconds)
    {
        await using RawServer server = new(Reply.Json(body, 429, headers));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, null, _clock);
        (Exception? seen, _) = await provider.CallAsync(streaming: false, TestContext.Current.CancellationToken);
        seen.Should().BeOfType<ProviderException>().Which.Failure.RetryAfter.Should().Be(milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null);
    }
}
