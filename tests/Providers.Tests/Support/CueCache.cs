using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace Providers.Tests.Support;

/// <summary>A distributed cache in process that fails, hangs or forgets on cue. Its entries outlive the memory of one host.</summary>
internal sealed class CueCache : IDistributedCache
{
    public enum Mood
    {
        Well,
        Throws,
        Hangs,
    }

    public ConcurrentDictionary<string, byte[]> Entries { get; } = new();

    public Mood Now { get; set; }

    public int Reads => Volatile.Read(ref _reads);

    public int Writes => Volatile.Read(ref _writes);

    /// <summary>Completes when the first read or write hangs: whoever waits for it has set its own limit by then.</summary>
    public Task Hanging => _hanging.Task;

    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads;
    private int _writes;

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        Interlocked.Increment(ref _reads);
        await ActAsync();
        return Get(key);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Interlocked.Increment(ref _writes);
        await ActAsync();
        Set(key, value, options);
    }

    public byte[]? Get(string key) => Entries.GetValueOrDefault(key);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Entries[key] = value;

    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Remove(string key) => Entries.TryRemove(key, out _);

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Remove(key);
        return Task.CompletedTask;
    }

    // The worst a cache can do: it neither answers nor looks at its token.
    private Task ActAsync()
    {
        if (Now is Mood.Hangs)
        {
            _hanging.TrySetResult();
            return new TaskCompletionSource().Task;
        }

        return Now is Mood.Throws ? Task.FromException(new InvalidOperationException("the cache is gone")) : Task.CompletedTask;
    }
}
