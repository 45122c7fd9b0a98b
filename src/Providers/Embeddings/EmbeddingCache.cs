using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Caching.Hybrid;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Embeddings;

/// <summary>
/// Vectors kept by key in a cache that may be slow, broken or gone: reading gives what came in time, writing gives up in time, and a
/// cache that did not answer is left alone for a while. Safe for concurrent use.
/// </summary>
internal sealed class EmbeddingCache(HybridCache store, CompositeTelemetry telemetry, Clock clock)
{
    private const int AtOnce = 256; // so that a call of many texts does not flood the cache
    private long _restUntil = long.MinValue;

    /// <returns>A vector for each key, or <see langword="null"/> where there is none; in order.</returns>
    public async Task<float[]?[]> ReadAsync(string[] keys, EmbeddingCacheOptions rules, CancellationToken caller)
    {
        // What comes from the distributed cache is kept in memory too: for as long as our own rules say, not for HybridCache's five minutes.
        HybridCacheEntryOptions options = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData, Expiration = rules.Expiration, LocalCacheExpiration = rules.LocalExpiration };
        float[]?[] found = new float[]?[keys.Length];
        await UseAsync(
            keys.Length,
            rules,
            async (i, token) => found[i] = Decode(await store.GetOrCreateAsync(keys[i], static _ => new ValueTask<byte[]?>((byte[]?)null), options, null, token).ConfigureAwait(false)),
            caller).ConfigureAwait(false);
        caller.ThrowIfCancellationRequested();
        int hits = found.Count(static v => v is not null);
        telemetry.EmbeddingCacheRead(hits, keys.Length - hits);
        return found;
    }

    /// <summary>Keeps vectors; gives up silently.</summary>
    public Task WriteAsync(IReadOnlyList<(string Key, ReadOnlyMemory<float> Vector)> entries, EmbeddingCacheOptions rules, CancellationToken caller)
    {
        HybridCacheEntryOptions options = new() { Expiration = rules.Expiration, LocalCacheExpiration = rules.LocalExpiration };
        return UseAsync(
            entries.Count,
            rules,
            (i, token) => store.SetAsync(entries[i].Key, MemoryMarshal.AsBytes(entries[i].Vector.Span).ToArray(), options, null, token).AsTask(),
            caller);
    }

    private async Task UseAsync(int count, EmbeddingCacheOptions rules, Func<int, CancellationToken, Task> use, CancellationToken caller)
    {
        if (clock.Now < Volatile.Read(ref _restUntil))
        {
            return;
        }

        using CancellationTokenSource limit = new(rules.Timeout, clock.Provider);
        using CancellationTokenRegistration left = caller.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), limit);
        int errors = 0;
        Exception? last = null;
        for (int start = 0; start < count && !limit.IsCancellationRequested; start += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(start, Math.Min(AtOnce, count - start)).Select(UseOneAsync)).ConfigureAwait(false);
        }

        telemetry.EmbeddingCacheFailed(errors);
        if (limit.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            Volatile.Write(ref _restUntil, clock.Now + clock.Units(rules.Rest));
            telemetry.Log.EmbeddingCacheSlow(rules.Timeout.TotalMilliseconds, rules.Rest.TotalSeconds);
        }
        else if (last is not null)
        {
            telemetry.Log.EmbeddingCacheFailed(errors, count, last);
        }

        async Task UseOneAsync(int i)
        {
            Task? pending = null;
            try
            {
                pending = use(i, limit.Token);
                await pending.WaitAsync(limit.Token).ConfigureAwait(false); // not every cache obeys its token
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                if (!caller.IsCancellationRequested)
                {
                    Interlocked.Increment(ref errors);
                }

                // Left behind; what it comes to is looked at, so that nobody else is alarmed by it.
                _ = pending?.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref errors);
                last = e;
            }
        }
    }

    // What another version, or somebody else, left under our key is no vector: then the text is embedded and the entry written anew.
    private static float[]? Decode(byte[]? bytes)
    {
        if (bytes is not { Length: > 0 } || bytes.Length % sizeof(float) != 0)
        {
            return null;
        }

        float[] vector = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        float norm = TensorPrimitives.SumOfSquares(vector);
        return float.IsFinite(norm) && norm > 0 ? vector : null;
    }
}
