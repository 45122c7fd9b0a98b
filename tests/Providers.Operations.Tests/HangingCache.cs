using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace Providers.Operations.Tests;

/// <summary>A distributed cache that answers, or on cue never does, whatever its token says. Safe for concurrent use.</summary>
internal sealed class HangingCache : IDistributedCache
{
    private readonly ConcurrentDictionary<string, byte[]> _items = new(StringComparer.Ordinal);

    public bool Hangs { get; set; }

    public byte[]? Get(string key) => _items.GetValueOrDefault(key);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await HangAsync();
        return Get(key);
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => _items[key] = value;

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await HangAsync();
        Set(key, value, options);
    }

    public void Remove(string key) => _items.TryRemove(key, out _);

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Remove(key);
        return Task.CompletedTask;
    }

    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    private Task HangAsync() => Hangs ? new TaskCompletionSource().Task : Task.CompletedTask;
}
