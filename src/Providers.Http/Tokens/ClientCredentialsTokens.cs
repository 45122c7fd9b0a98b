using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.Http;

/// <summary>
/// Keeps one OAuth 2 access token fresh. However many callers ask, one fetch is under way; a token that still opens is served while
/// its successor is fetched, and goes on being served while fetches fail, until its own end. Safe for concurrent use.
/// </summary>
public sealed class ClientCredentialsTokens
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(60);

    private readonly TokenFetch _fetcher;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly string _host;
    private readonly Lock _lock = new();
    private volatile AccessToken? _current;
    private Task<AccessToken>? _fetch;
    private ProviderException? _failure;
    private int _failures;
    private long _pausedUntil = long.MinValue;

    /// <summary>Creates the source. Nothing is fetched before the first call.</summary>
    /// <param name="options">Where and as whom; copied.</param>
    /// <param name="http">Sends the fetches; the caller disposes it. Must not follow redirects: they would carry the secret elsewhere.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <param name="logger">Told of fetches that fail; <see langword="null"/>: nobody is.</param>
    /// <param name="seed">Spreads the refreshes of many hosts; <see langword="null"/>: by the time of this call.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public ClientCredentialsTokens(ClientCredentialsOptions options, HttpMessageInvoker http, TimeProvider? clock = null, ILogger? logger = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(http);
        ClientCredentialsOptions own = options.Validated();
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _random = new Random(seed ?? HashCode.Combine(_clock.GetTimestamp(), own.ClientId));
        _host = own.TokenEndpoint!.Host;
        _fetcher = new TokenFetch(own, http, _clock);
    }

    /// <summary>Gets a token that opens.</summary>
    /// <param name="cancellationToken">Ends this caller's wait; the fetch goes on for the others.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ProviderException">There is none, and the fetch failed; for a while after that it fails at once.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken = default)
    {
        AccessToken? current = _current;
        long now = _clock.GetTimestamp();
        if (current is not null && now < current.RefreshAt)
        {
            return current.Value;
        }

        Task<AccessToken>? fetch = Begin(now);
        if (current is not null && now < current.ExpiresAt)
        {
            return current.Value;
        }

        AccessToken fresh = fetch is null ? throw Paused() : await fetch.WaitAsync(cancellationToken).ConfigureAwait(false);
        return fresh.Value;
    }

    /// <summary>Throws away a token that a server refused, unless another one is current by now.</summary>
    /// <param name="token">The token that was refused.</param>
    public void Invalidate(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        lock (_lock)
        {
            if (_current?.Value == token)
            {
                _current = null;
            }
        }
    }

    /// <returns>The fetch under way; <see langword="null"/> while fetches pause after a failure.</returns>
    private Task<AccessToken>? Begin(long now)
    {
        lock (_lock)
        {
            if (_fetch is { IsCompleted: false })
            {
                return _fetch;
            }

            if (_current is { } current && now < current.RefreshAt)
            {
                return Task.FromResult(current); // another caller's fetch has just ended
            }

            if (now < _pausedUntil)
            {
                return null;
            }

            _fetch = FetchAsync();
            _ = _fetch.ContinueWith(static f => _ = f.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default); // nobody may be waiting
            return _fetch;
        }
    }

    private async Task<AccessToken> FetchAsync()
    {
        await Task.Yield(); // nobody's lock or call stack is held while the server thinks
        long asked = _clock.GetTimestamp();
        try
        {
            (string value, TimeSpan lifetime) = await _fetcher.FetchAsync().ConfigureAwait(false);
            TokenMetrics.Fetched(success: true);
            lock (_lock)
            {
                _failures = 0;
                _failure = null;
                _pausedUntil = long.MinValue;
                return _current = AccessToken.Of(value, lifetime, asked, _random.NextDouble(), _clock);
            }
        }
        catch (ProviderException e)
        {
            lock (_lock)
            {
                _failure = e;
                TimeSpan pause = s_firstPause * Math.Pow(2, Math.Min(_failures++, 10));
                pause = pause < s_longestPause ? pause : s_longestPause;
                _pausedUntil = _clock.GetTimestamp() + (long)(pause.TotalSeconds * (1 - (0.2 * _random.NextDouble())) * _clock.TimestampFrequency);
            }

            TokenMetrics.Fetched(success: false);
            _logger.TokenFetchFailed(_host, e.Kind, e.Failure.Status);
            throw;
        }
    }

    private ProviderException Paused()
    {
        lock (_lock)
        {
            return new ProviderException(_failure?.Failure ?? new ProviderFailure(FailureKind.AuthFailed, "No token could be fetched."), null, null, _failure);
        }
    }
}
