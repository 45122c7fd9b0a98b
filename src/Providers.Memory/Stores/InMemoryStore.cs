using Microsoft.Extensions.Options;

namespace Providers.Memory;

/// <summary>Keeps memories as long as the process lives: for tests, and for what may be forgotten.</summary>
/// <remarks>Safe for concurrent use. One writer at a time; searches wait for it.</remarks>
public sealed class InMemoryStore : IMemoryStore, IDisposable
{
    private static readonly TimeSpan s_keyLife = TimeSpan.FromHours(24);
    private readonly Lock _gate = new();
    private readonly Dictionary<MemoryScope, ScopeShelf> _scopes = [];
    private readonly Dictionary<(string Tenant, string Namespace, string Key), (string Hash, MemoryTransactionResult Result, DateTimeOffset Kept)> _keys = [];
    private readonly CursorCodec _cursors = CursorCodec.WithRandomKey();
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _clock;

    /// <summary>Creates an empty store.</summary>
    /// <param name="limits">How large things may be; <see langword="null"/>: the defaults.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    public InMemoryStore(IOptions<MemoryLimits>? limits = null, TimeProvider? clock = null)
    {
        _limits = limits?.Value ?? new MemoryLimits();
        _clock = clock ?? TimeProvider.System;
    }

    private MemoryCheck Check => new(_limits, _clock);

    /// <inheritdoc/>
    public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default)
    {
        Check.Transaction(transaction).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        DateTimeOffset now = _clock.GetUtcNow();
        lock (_gate)
        {
            ScopeShelf shelf = Shelf(transaction.Scope);
            string? hash = null;
            if (transaction.IdempotencyKey is { } key)
            {
                hash = TransactionHash.Of(transaction);
                if (_keys.TryGetValue((transaction.Scope.Tenant, transaction.Scope.Namespace, key), out var kept) && kept.Kept + s_keyLife > now)
                {
                    return kept.Hash == hash ? new(kept.Result with { Replayed = true })
                        : throw new MemoryValidationException([$"idempotency_key: '{key}' was used for other changes; take a new key."]);
                }
            }

            List<(string Id, Step Step)> steps = [];
            for (int i = 0; i < transaction.Operations.Count; i++)
            {
                string id = Step.IdOf(transaction.Operations[i], now);
                steps.Add((id, Step.Decide(i, transaction.Operations[i], shelf.Get(id, now), now).WithId(id)));
            }

            shelf.CheckSpaces(steps.Select(static s => s.Step.After), Check);
            foreach ((string id, Step step) in steps)
            {
                shelf.Put(id, step.After);
            }

            MemoryTransactionResult result = new([.. steps.Select(static s => s.Step.Outcome)]);
            if (hash is not null)
            {
                _keys[(transaction.Scope.Tenant, transaction.Scope.Namespace, transaction.IdempotencyKey!)] = (hash, result, now);
            }

            return new(result);
        }
    }

    /// <inheritdoc/>
    public ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Id("id", id).Throw();
        lock (_gate)
        {
            return new(_scopes.GetValueOrDefault(scope)?.Get(id, _clock.GetUtcNow()));
        }
    }

    /// <inheritdoc/>
    public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MemoryListOptions();
        Check.List(scope, options).Throw();
        ListPlace? after = null;
        if (options.Cursor is { } cursor)
        {
            after = _cursors.Read(cursor, scope, options.Filter) ?? throw new MemoryValidationException(["cursor: was altered, or belongs to another scope or filter; begin again without one."]);
        }

        lock (_gate)
        {
            IEnumerable<MemoryRecord> rest = (_scopes.GetValueOrDefault(scope)?.Alive(_clock.GetUtcNow()) ?? [])
                .Where(options.Filter.Passes)
                .OrderBy(static r => r.Created.UtcTicks).ThenBy(static r => r.Id, StringComparer.Ordinal)
                .Where(r => after is not { } place || r.Created.UtcTicks > place.Created || (r.Created.UtcTicks == place.Created && string.CompareOrdinal(r.Id, place.Id) > 0));
            MemoryRecord[] page = [.. rest.Take(options.Limit + 1)];
            bool more = page.Length > options.Limit;
            MemoryRecord[] shown = more ? page[..^1] : page;
            return new(new MemoryPage(shown, more ? _cursors.Write(new ListPlace(shown[^1].Created.UtcTicks, shown[^1].Id), scope, options.Filter) : null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default)
    {
        Check.Query(scope, query).Throw();
        lock (_gate)
        {
            return new(_scopes.GetValueOrDefault(scope)?.Search(query, _clock.GetUtcNow(), Check) ?? []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Throw();
        lock (_gate)
        {
            return new(StatsOf(_scopes.GetValueOrDefault(scope)?.Alive(_clock.GetUtcNow()) ?? []));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            DateTimeOffset now = _clock.GetUtcNow();
            foreach (var key in _keys.Where(k => k.Value.Kept + s_keyLife <= now).Select(static k => k.Key).ToArray())
            {
                _keys.Remove(key);
            }

            return new(_scopes.Values.Sum(s => s.Purge(now)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (ScopeShelf shelf in _scopes.Values)
            {
                shelf.Dispose();
            }

            _scopes.Clear();
        }
    }

    internal static MemoryStats StatsOf(IEnumerable<MemoryRecord> records)
    {
        MemoryRecord[] all = [.. records];
        return new MemoryStats(all.Length, all.Sum(static r => (long)System.Text.Encoding.UTF8.GetByteCount(r.Text)))
        {
            ByKind = all.GroupBy(static r => r.Kind).ToDictionary(static g => g.Key, static g => (long)g.Count()),
            ByTag = all.SelectMany(static r => r.Tags).GroupBy(static t => t).Select(static g => (g.Key, Count: (long)g.Count()))
                .OrderByDescending(static g => g.Count).ThenBy(static g => g.Key, StringComparer.Ordinal).Take(100).ToDictionary(static g => g.Key, static g => g.Count),
            BySpace = all.Where(static r => r.VectorSpace is not null).GroupBy(static r => r.VectorSpace!).ToDictionary(static g => g.Key, static g => (long)g.Count()),
            Oldest = all.Length == 0 ? null : all.Min(static r => r.Created),
            Newest = all.Length == 0 ? null : all.Max(static r => r.Created),
        };
    }

    private ScopeShelf Shelf(MemoryScope scope)
    {
        if (!_scopes.TryGetValue(scope, out ScopeShelf? shelf))
        {
            _scopes[scope] = shelf = new ScopeShelf();
        }

        return shelf;
    }
}
