using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Memories;

/// <summary>
/// Makes repeating a request safe: the same Idempotency-Key with the same body has one effect and one answer, however many repeat it at
/// once. The store keeps the key with the effect, in one transaction, for 24 hours and over a crash; this keeps the answers at hand.
/// </summary>
internal sealed class IdempotencyGate(TimeProvider clock)
{
    private const int MostKey = 255;
    private const int MostEntries = 10_000;
    private const long MostHeld = 100_000; // outcomes, of all answers together
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private long _held;

    public int Count => _entries.Count;

    /// <summary>Reads the key.</summary>
    /// <returns>The key for the store, of this operation alone; <see langword="null"/>: the request has none.</returns>
    public static string? KeyOf(Exchange exchange)
    {
        var header = exchange.Request.Headers["Idempotency-Key"];
        if (header.Count == 0)
        {
            return null;
        }

        string key = header.ToString();
        return header.Count == 1 && key.Length is >= 1 and <= MostKey && !key.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? Digest($"{exchange.Operation.Id}\n{key}")
            : throw new ApiException("invalid_request", $"Idempotency-Key must be one value of 1 to {MostKey} printable ASCII characters without spaces.", "Idempotency-Key");
    }

    /// <summary>Carries out a request once.</summary>
    /// <param name="key">The key; <see langword="null"/>: it is carried out each time.</param>
    /// <param name="scope">Whose.</param>
    /// <param name="body">The body, by which a key that is used for something else is noticed.</param>
    /// <param name="work">Carries it out; not cancelled when one of several clients leaves.</param>
    public async Task<Answer> RunAsync(string? key, string scope, ReadOnlyMemory<byte> body, Func<Task<Answer>> work)
    {
        if (key is null)
        {
            return await work().ConfigureAwait(false);
        }

        string place = $"{scope}\n{key}";
        string fingerprint = Convert.ToHexString(SHA256.HashData(body.Span));
        Entry fresh = new(fingerprint, clock.GetTimestamp(), new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously));
        Entry entry = _entries.GetOrAdd(place, fresh);
        if (!ReferenceEquals(entry, fresh))
        {
            if (clock.GetElapsedTime(entry.Since) < s_kept)
            {
                return entry.Fingerprint == fingerprint
                    ? (await entry.Answer.Task.ConfigureAwait(false)) with { Replayed = true }
                    : throw new ApiException("idempotency_mismatch", "The Idempotency-Key was used for another request within the last 24 hours.");
            }

            Forget(new KeyValuePair<string, Entry>(place, entry));
            return await RunAsync(key, scope, body, work).ConfigureAwait(false);
        }

        try
        {
            Trim();
            Answer answer = await work().ConfigureAwait(false);
            Interlocked.Add(ref _held, answer.Weight);
            fresh.Answer.SetResult(answer);
            return answer;
        }
        catch (Exception e)
        {
            _entries.TryRemove(new KeyValuePair<string, Entry>(place, fresh)); // it may succeed when it is repeated
            fresh.Answer.SetException(e);
            _ = fresh.Answer.Task.Exception;
            throw;
        }
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private void Trim()
    {
        if (_entries.Count <= MostEntries && Interlocked.Read(ref _held) <= MostHeld)
        {
            return;
        }

        foreach (KeyValuePair<string, Entry> oldest in _entries.Where(static e => e.Value.Answer.Task.IsCompleted).OrderBy(static e => e.Value.Since).ToArray())
        {
            if (_entries.Count <= MostEntries / 4 * 3 && Interlocked.Read(ref _held) <= MostHeld / 4 * 3)
            {
                return;
            }

            Forget(oldest); // the store still knows the key
        }
    }

    private void Forget(KeyValuePair<string, Entry> entry)
    {
        if (_entries.TryRemove(entry) && entry.Value.Answer.Task is { IsCompletedSuccessfully: true } done)
        {
            Interlocked.Add(ref _held, -done.Result.Weight);
        }
    }

    private sealed record Entry(string Fingerprint, long Since, TaskCompletionSource<Answer> Answer);
}

/// <summary>An answer that can be given again.</summary>
internal sealed record Answer(int Status, object Value, JsonTypeInfo Type)
{
    public string? ETag { get; init; }

    public string? Location { get; init; }

    public bool Replayed { get; init; }

    /// <summary>Gets how many outcomes it tells of, by which its size is judged.</summary>
    public int Weight { get; init; } = 1;

    public async Task SendAsync(Exchange exchange)
    {
        IHeaderDictionary headers = exchange.Response.Headers;
        if (ETag is not null)
        {
            headers.ETag = ETag;
        }

        if (Location is not null)
        {
            headers.Location = exchange.At(Location);
        }

        if (Replayed)
        {
            headers["Idempotency-Replayed"] = "true";
        }

        await JsonAnswer.SendAsync(exchange, Value, Type, Status).ConfigureAwait(false);
    }
}
