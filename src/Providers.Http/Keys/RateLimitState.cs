using System.Globalization;
using System.Net.Http.Headers;

namespace Providers.Http;

/// <summary>What a server last said of its rate limits. Immutable; each number is <see langword="null"/> where the server did not say.</summary>
public sealed record RateLimitState
{
    private const string Prefix = "x-ratelimit-";

    /// <summary>Gets the requests allowed in a window.</summary>
    public long? LimitRequests { get; init; }

    /// <summary>Gets the requests left in the window.</summary>
    public long? RemainingRequests { get; init; }

    /// <summary>Gets how long after <see cref="Seen"/> the window of requests starts anew.</summary>
    public TimeSpan? ResetRequests { get; init; }

    /// <summary>Gets the tokens allowed in a window.</summary>
    public long? LimitTokens { get; init; }

    /// <summary>Gets the tokens left in the window.</summary>
    public long? RemainingTokens { get; init; }

    /// <summary>Gets how long after <see cref="Seen"/> the window of tokens starts anew.</summary>
    public TimeSpan? ResetTokens { get; init; }

    /// <summary>Gets when the server said so.</summary>
    public DateTimeOffset Seen { get; init; }

    internal static RateLimitState? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (!Says(headers))
        {
            return null;
        }

        RateLimitState state = new()
        {
            LimitRequests = Number(headers, "x-ratelimit-limit-requests"),
            RemainingRequests = Number(headers, "x-ratelimit-remaining-requests"),
            ResetRequests = RetryHints.Duration(RetryHints.Header(headers, "x-ratelimit-reset-requests")),
            LimitTokens = Number(headers, "x-ratelimit-limit-tokens"),
            RemainingTokens = Number(headers, "x-ratelimit-remaining-tokens"),
            ResetTokens = RetryHints.Duration(RetryHints.Header(headers, "x-ratelimit-reset-tokens")),
        };
        return state == new RateLimitState() ? null : state with { Seen = now };
    }

    private static bool Says(HttpResponseHeaders headers)
    {
        foreach ((string name, _) in headers.NonValidated)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static long? Number(HttpResponseHeaders headers, string name) =>
        long.TryParse(RetryHints.Header(headers, name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
