namespace Providers.OpenAI;

/// <summary>Several keys of one account: a refused one rests while the others serve. Safe for concurrent use.</summary>
internal sealed class KeyRing
{
    private static readonly TimeSpan s_refused = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_limited = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly string[] _keys;
    private readonly long[] _restUntil;

    public KeyRing(IReadOnlyList<string> keys, TimeProvider clock)
    {
        _clock = clock;
        _keys = [.. keys];
        _restUntil = new long[_keys.Length];
        Array.Fill(_restUntil, long.MinValue);
    }

    public int Count => _keys.Length;

    /// <summary>Gives the first key that is awake; with all asleep, the one that wakes first.</summary>
    public string? Take()
    {
        lock (_lock)
        {
            long now = _clock.GetTimestamp();
            int best = 0;
            for (int i = 0; i < _keys.Length; i++)
            {
                if (_restUntil[i] <= now)
                {
                    return _keys[i];
                }

                best = _restUntil[i] < _restUntil[best] ? i : best;
            }

            return _keys.Length == 0 ? null : _keys[best];
        }
    }

    /// <summary>Puts a key to rest after a failure that is the key's own.</summary>
    /// <returns>Whether another key is awake, so that the same request may go out with it.</returns>
    public bool Rest(string key, ProviderFailure failure)
    {
        TimeSpan rest = failure.Kind switch
        {
            FailureKind.AuthFailed or FailureKind.QuotaExhausted => failure.RetryAfter ?? s_refused,
            FailureKind.RateLimited => failure.RetryAfter ?? s_limited,
            _ => TimeSpan.Zero,
        };
        int index = Array.IndexOf(_keys, key);
        if (rest <= TimeSpan.Zero || index < 0)
        {
            return false;
        }

        lock (_lock)
        {
            long now = _clock.GetTimestamp();
            _restUntil[index] = now + (long)(rest.TotalSeconds * _clock.TimestampFrequency);
            return Array.Exists(_restUntil, until => until <= now);
        }
    }
}
