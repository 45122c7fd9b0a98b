using System.Globalization;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Limits;

/// <summary>Decides at the door, before a body is read, whether a request may come in.</summary>
internal sealed class Admission
{
    private readonly GatewayLimitOptions _options;
    private readonly TimeProvider _clock;
    private readonly Partitions<TenantCount> _tenants;
    private readonly Partitions<TokenBucket>? _keyRates;
    private readonly Partitions<TokenBucket>? _tenantRates;
    private readonly Partitions<TokenBucket>? _tokens;
    private readonly string? _policy;
    private int _inFlight;

    public Admission(GatewayLimitOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _tenants = new(options.MaxPartitions, static () => new TenantCount(), static t => t.IsIdle);
        _keyRates = Rates(options.RequestsPerMinute, options.Burst);
        _tenantRates = Rates(options.TenantRequestsPerMinute, (long)options.Burst * 2);
        _tokens = Rates(options.TenantTokensPerMinute, options.TenantTokensPerMinute ?? 0);
        string[] policies =
        [
            .. options.RequestsPerMinute is { } key ? [string.Create(CultureInfo.InvariantCulture, $"\"key\";q={key};w=60")] : Array.Empty<string>(),
            .. options.TenantRequestsPerMinute is { } tenant ? [string.Create(CultureInfo.InvariantCulture, $"\"tenant\";q={tenant};w=60")] : Array.Empty<string>(),
        ];
        _policy = policies is [] ? null : string.Join(", ", policies);
    }

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Gets how many buckets there are in all.</summary>
    public int PartitionCount => _tenants.Count + (_keyRates?.Count ?? 0) + (_tenantRates?.Count ?? 0) + (_tokens?.Count ?? 0);

    /// <summary>Takes a place among those worked on, or refuses at once. Comes before anything else: refusing must stay cheap under load.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inFlight) <= _options.MaxConcurrentRequests)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Takes a place among the tenant's; the caller gives it back.</summary>
    public TenantCount? TryEnterTenant(Caller caller)
    {
        TenantCount count = _tenants.Get(caller.Tenant);
        return count.TryEnter(_options.MaxConcurrentRequestsPerTenant) ? count : null;
    }

    /// <summary>Counts a request against the rates of its key and tenant, and says in the headers what is left.</summary>
    /// <returns><see langword="null"/>: it may come in.</returns>
    public ApiError? Count(Caller caller, IHeaderDictionary headers)
    {
        if (_policy is null)
        {
            return null;
        }

        long now = _clock.GetTimestamp();
        headers["RateLimit-Policy"] = _policy;
        if (_keyRates is not null && !Take(_keyRates.Get(caller.Id), "key", now, headers, out long wait))
        {
            return TooMany("This key", wait);
        }

        if (_tenantRates is not null && !Take(_tenantRates.Get(caller.Tenant), "tenant", now, headers, out wait))
        {
            return TooMany("This tenant", wait);
        }

        return null;
    }

    /// <summary>Takes an estimate of tokens from the tenant's budget.</summary>
    public ApiError? Reserve(Caller caller, int tokens)
    {
        if (_tokens is null || _tokens.Get(caller.Tenant).TryTake(tokens, _clock.GetTimestamp(), out _, out long wait))
        {
            return null;
        }

        return new ApiError("token_budget_exceeded", $"The tenant's {_options.TenantTokensPerMinute} tokens a minute are used up; this request needs about {tokens}.") { RetryAfter = Span(wait) };
    }

    /// <summary>Settles an estimate with what was used; where that is not known, the estimate stands.</summary>
    public void Settle(Caller caller, int reserved, long? used)
    {
        if (_tokens is not null && used is { } count)
        {
            TokenBucket bucket = _tokens.Get(caller.Tenant);
            bucket.Settle(Math.Max(0, count) - Math.Min(reserved, bucket.Capacity), _clock.GetTimestamp()); // what was above the bucket's size was never taken
        }
    }

    private Partitions<TokenBucket>? Rates(int? rate, long burst) => rate is { } perMinute
        ? new(_options.MaxPartitions, () => TokenBucket.PerMinute(perMinute, Math.Max(1, burst), _clock), b => b.IsFull(_clock.GetTimestamp()))
        : null;

    private bool Take(TokenBucket bucket, string name, long now, IHeaderDictionary headers, out long wait)
    {
        bool taken = bucket.TryTake(1, now, out long remaining, out wait);
        long reset = taken ? ((bucket.Capacity - remaining) * bucket.TicksPerToken / _clock.TimestampFrequency) + 1 : (wait / _clock.TimestampFrequency) + 1;
        string left = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={remaining};t={reset}");
        headers["RateLimit"] = headers["RateLimit"].Count == 0 ? left : $"{headers["RateLimit"]}, {left}";
        return taken;
    }

    private ApiError TooMany(string who, long wait) => new("rate_limit_exceeded", $"{who} made too many requests.") { RetryAfter = Span(wait) };

    private TimeSpan Span(long ticks) => TimeSpan.FromSeconds((double)ticks / _clock.TimestampFrequency);
}
