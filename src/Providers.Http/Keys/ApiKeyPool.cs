using System.Net.Http.Headers;

namespace Providers.Http;

/// <summary>The keys of one account or several: the first one serves, and while one that was refused rests, the next. Safe for concurrent use.</summary>
public sealed class ApiKeyPool
{
    private const int ShortestSecret = 8; // anything shorter is a stand-in, and a word of ordinary text

    private static readonly TimeSpan s_limitedRest = TimeSpan.FromSeconds(30);

    private readonly Func<CancellationToken, ValueTask<IReadOnlyList<string>>> _read;
    private readonly string? _header;
    private readonly TimeSpan _rest;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _resting = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<string> _known = [];

    /// <summary>Creates a pool.</summary>
    /// <param name="read">Reads the keys before each request, so that they rotate without a restart; must be quick. No key: the request goes out without one.</param>
    /// <param name="header">The header that carries the key; <see langword="null"/>: <c>Authorization: Bearer</c>.</param>
    /// <param name="rest">How long a key that was refused for good (401, 402, 403) is left alone; <see langword="null"/>: 10 minutes.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    public ApiKeyPool(Func<CancellationToken, ValueTask<IReadOnlyList<string>>> read, string? header = null, TimeSpan? rest = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        _read = read;
        _header = header;
        _rest = rest ?? TimeSpan.FromMinutes(10);
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Gets how many keys rest or did until lately.</summary>
    internal int Resting
    {
        get
        {
            lock (_lock)
            {
                return _resting.Count;
            }
        }
    }

    internal static bool IsRefusal(int status) => status is 401 or 402 or 403 or 429;

    /// <summary>Gives the keys for one request: those that do not rest; with none left, the one that is back soonest.</summary>
    internal async ValueTask<IReadOnlyList<string>> TakeAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> keys = await ReadAsync(cancellationToken).ConfigureAwait(false);
        _known = keys;
        if (keys.Count <= 1)
        {
            return keys;
        }

        lock (_lock)
        {
            DateTimeOffset now = _clock.GetUtcNow();
            foreach (string known in _resting.Keys.Where(k => _resting[k] <= now || !keys.Contains(k)).ToArray())
            {
                _resting.Remove(known);
            }

            string[] awake = [.. keys.Distinct(StringComparer.Ordinal).Where(k => !_resting.ContainsKey(k))];
            return awake is [] ? [keys.MinBy(k => _resting[k])!] : awake; // with none left, the request still gets its answer from the server
        }
    }

    // What a secret store throws, or a file's last line break, is no fault of the server; neither is repeated in the message.
    private async ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> keys;
        try
        {
            keys = await _read(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ProviderException))
        {
            throw new ProviderException(new ProviderFailure(FailureKind.Transient, $"The API key could not be read ({e.GetType().Name}); nothing was sent."), null, null, e);
        }

        return keys.All(static k => k.Length > 0 && !k.AsSpan().ContainsAnyExceptInRange('!', '~')) ? keys : throw new ProviderException(new ProviderFailure(
            FailureKind.AuthFailed, "An API key is empty, or holds a blank, a line break or a character outside ASCII; nothing was sent. Correct what gives it."));
    }

    /// <summary>Takes the keys out of a server's text.</summary>
    internal string Scrub(string text)
    {
        foreach (string key in _known)
        {
            text = key.Length >= ShortestSecret ? text.Replace(key, "[key]", StringComparison.Ordinal) : text;
        }

        return text;
    }

    internal void Refuse(string key, int status, TimeSpan? retryAfter)
    {
        if (_known.Count <= 1)
        {
            return; // with nothing to rotate to, a key is never kept from serving, and a delegate's many one after the other are not remembered
        }

        TimeSpan rest = status is 429 ? retryAfter ?? s_limitedRest : _rest;
        lock (_lock)
        {
            _resting[key] = _clock.GetUtcNow() + rest;
        }
    }

    internal void Apply(HttpRequestMessage request, string key)
    {
        if (_header is null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            return;
        }

        request.Headers.Authorization = null; // what the SDK put there is a stand-in
        request.Headers.Remove(_header);
        request.Headers.TryAddWithoutValidation(_header, key);
    }
}
