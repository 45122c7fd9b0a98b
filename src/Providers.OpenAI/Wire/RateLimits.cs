using System.Globalization;
using System.Net.Http.Headers;

namespace Providers.OpenAI;

/// <summary>What the server last said of its rate limits. Safe for concurrent use; each number is the newest seen.</summary>
internal sealed class RateLimits
{
    private long _requests = -1;
    private long _tokens = -1;

    /// <summary>Requests left in the window; <see langword="null"/>: the server never said.</summary>
    public long? RemainingRequests => Volatile.Read(ref _requests) is >= 0 and var left ? left : null;

    /// <summary>Tokens left in the window; <see langword="null"/>: the server never said.</summary>
    public long? RemainingTokens => Volatile.Read(ref _tokens) is >= 0 and var left ? left : null;

    public void Note(HttpResponseHeaders headers)
    {
        if (Number(headers, "x-ratelimit-remaining-requests") is { } requests)
        {
            Volatile.Write(ref _requests, requests);
        }

        if (Number(headers, "x-ratelimit-remaining-tokens") is { } tokens)
        {
            Volatile.Write(ref _tokens, tokens);
        }
    }

    /// <summary>When a refused server takes requests again by its own headers: the window that is used up counts, or the longer one.</summary>
    public static TimeSpan? ResetAfter(HttpResponseHeaders headers)
    {
        TimeSpan? requests = RetryTimes.FromDuration(Text(headers, "x-ratelimit-reset-requests"));
        TimeSpan? tokens = RetryTimes.FromDuration(Text(headers, "x-ratelimit-reset-tokens"));
        bool requestsLeft = Number(headers, "x-ratelimit-remaining-requests") is > 0;
        bool tokensLeft = Number(headers, "x-ratelimit-remaining-tokens") is > 0;
        return requestsLeft == tokensLeft ? (requests > tokens || tokens is null ? requests : tokens)
            : requestsLeft ? tokens ?? requests
            : requests ?? tokens;
    }

    private static string? Text(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static long? Number(HttpResponseHeaders headers, string name) =>
        long.TryParse(Text(headers, name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
