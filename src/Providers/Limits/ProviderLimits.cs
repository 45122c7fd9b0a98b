using Providers.Timing;

namespace Providers.Limits;

/// <summary>What bounds a provider's traffic: places, requests and tokens a minute, and the account it shares. All are taken, or none.</summary>
internal sealed class ProviderLimits(ProviderOptions options, RateDomain domain, Clock clock)
{
    private readonly MinuteBucket? _requests = options.RequestsPerMinute is { } requests ? new(requests, clock) : null;
    private readonly MinuteBucket? _tokens = options.TokensPerMinute is { } tokens ? new(tokens, clock) : null;

    public ConcurrencyGate Gate { get; } = new(options.MaxConcurrency, options.QueueLimit);

    public RateDomain Domain { get; } = domain;

    public bool CountsTokens => _tokens is not null;

    public bool CanQueue { get; } = options.QueueLimit > 0;

    /// <summary>Reserves one request and its tokens with the minute limits.</summary>
    public bool TryReserve(int tokens, long now)
    {
        if (_requests?.TryTake(1, now) is false)
        {
            return false;
        }

        if (_tokens?.TryTake(tokens, now) is false)
        {
            _requests?.Settle(1, now);
            return false;
        }

        return true;
    }

    /// <summary>Gives a reservation back whole: nothing was sent, or the provider refused it.</summary>
    public void Refund(int tokens, long now)
    {
        _requests?.Settle(1, now);
        _tokens?.Settle(tokens, now);
    }

    /// <summary>Corrects the reserved tokens to those used.</summary>
    public void Settle(int reserved, long used, long now) => _tokens?.Settle(reserved - used, now);

    public long RetryIn(int tokens, long now) =>
        Math.Max(_requests?.RetryIn(1, now) ?? 0, _tokens?.RetryIn(tokens, now) ?? 0);
}
