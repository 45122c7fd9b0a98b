using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.AspNetCore.Auth;

/// <summary>
/// Keeps keys in a JSON file, replaced whole at each change; without a file, in memory. The file may be changed beside it, by another process that
/// issues or revokes: it is looked at once a second, and before each change. While it cannot be read, the keys that are known go on.
/// </summary>
internal sealed class FileApiKeyStore : IApiKeyStore, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly KeyFile? _file;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _reading = new();
    private volatile IReadOnlyDictionary<string, ApiKey> _keys = new Dictionary<string, ApiKey>();
    private (DateTime Changed, long Length)? _read;
    private bool _failing;
    private long _looked;

    /// <exception cref="InvalidDataException">The file is there, and holds something else than keys.</exception>
    public FileApiKeyStore(string? path, TimeProvider? clock = null, ILogger? logger = null)
    {
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _file = path is null ? null : new KeyFile(path);
        _looked = _clock.GetTimestamp();
        Read();
    }

    public ApiKey? Find(string id)
    {
        Look();
        return _keys.GetValueOrDefault(id);
    }

    public IReadOnlyList<ApiKey> List()
    {
        Look();
        return [.. Sorted(_keys.Values)];
    }

    public async ValueTask SaveAsync(ApiKey key, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_file is null)
            {
                _keys = With(key);
                return;
            }

            using FileStream mine = await _file.LockAsync(cancellationToken).ConfigureAwait(false);
            Read();
            IReadOnlyDictionary<string, ApiKey> keys = With(key);
            await _file.WriteAsync([.. Sorted(keys.Values)], cancellationToken).ConfigureAwait(false);
            lock (_reading)
            {
                (_keys, _read) = (keys, _file.Stamp());
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private static IEnumerable<ApiKey> Sorted(IEnumerable<ApiKey> keys) => keys.OrderBy(static k => k.Created).ThenBy(static k => k.Id, StringComparer.Ordinal);

    /// <summary>What was revoked stays so, whatever whoever writes had read before.</summary>
    private Dictionary<string, ApiKey> With(ApiKey key) =>
        new(_keys, StringComparer.Ordinal) { [key.Id] = key.Revoked is null && _keys.GetValueOrDefault(key.Id)?.Revoked is { } at ? key with { Revoked = at } : key };

    private void Look()
    {
        long last = Volatile.Read(ref _looked);
        if (_file is null || _clock.GetElapsedTime(last) < s_interval || Interlocked.CompareExchange(ref _looked, _clock.GetTimestamp(), last) != last)
        {
            return;
        }

        try
        {
            Read();
            _failing = false;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            if (!_failing)
            {
                _failing = true;
                _logger.KeyFileUnreadable(e, _keys.Count);
            }
        }
    }

    private void Read()
    {
        lock (_reading)
        {
            if (_file?.Stamp() is { } stamp && stamp != _read)
            {
                _keys = _file.Read().ToDictionary(static k => k.Id, StringComparer.Ordinal);
                _read = stamp;
            }
        }
    }
}
