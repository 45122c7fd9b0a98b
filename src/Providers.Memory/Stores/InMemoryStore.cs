using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Providers.Memory;

/// <summary>Keeps memories as long as the process lives: for tests, and for what may be forgotten.</summary>
/// <remarks>Safe for concurrent use. One writer at a time; searches wait for it.</remarks>
public sealed partial class InMemoryStore : IMemoryStore, IDisposable
{
    /// <summary>What metrics call this store.</summary>
    internal const string Kind = "in_memory";

    private static readonly TimeSpan s_keyLife = TimeSpan.FromHours(24);
    private readonly Lock _gate = new();
    private readonly Dictionary<MemoryScope, ScopeShelf> _scopes = [];
    private readonly Dictionary<(MemoryScope Scope, string Key), (string Hash, MemoryTransactionResult Result, DateTimeOffset Kept)> _keys = [];
    private readonly CursorCodec _cursors;
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _clock;

    /// <summary>Creates an empty store.</summary>
    /// <param name="limits">How large things may be; <see langword="null"/>: the defaults.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    public InMemoryStore(IOptions<MemoryLimits>? limits = null, TimeProvider? clock = null)
    {
        _limits = limits?.Value ?? new MemoryLimits();
        _clock = clock ?? TimeProvider.System;
        _cursors = CursorCodec.WithRandomKey();
    }

    private MemoryCheck Check => new(_limits, _clock);

    /// <inheritdoc/>
    public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, MemoryMetrics.OperationOf(transaction), () => ExecuteCore(transaction, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "get", () => GetCore(scope, id, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryRecord>> GetHistoryAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Id("id", id).Throw();
        lock (_gate)
        {
            return new(_scopes.GetValueOrDefault(scope) is { } shelf && shelf.Get(id, _clock.GetUtcNow()) is not null ? [.. shelf.History(id).Reverse()] : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryEdge>> GetRelatedAsync(MemoryScope scope, string id, MemoryRelatedOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MemoryRelatedOptions();
        Check.Related(scope, id, options).Throw();
        return LinkWalk.FollowAsync(id, options, (ids, _) =>
        {
            lock (_gate)
            {
                DateTimeOffset now = _clock.GetUtcNow();
                return new(_scopes.GetValueOrDefault(scope) is not { } shelf ? []
                    : [.. shelf.Links.Where(l => options.Wanted(l, ids) && shelf.Get(l.From, now) is not null && shelf.Get(l.To, now) is not null)]);
            }
        });
    }

    /// <inheritdoc/>
    public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "list", () => ListCore(scope, options, cancellationToken));

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        MemoryRecord[] all;
        lock (_gate)
        {
            all = [.. Passing(scope, filter)];
        }

        await Task.CompletedTask.ConfigureAwait(false);
        foreach (MemoryRecord record in all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "search", () => SearchCore(scope, query, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "stats", () => GetStatsCore(scope, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListTagsAsync(MemoryScope scope, string prefix = "", int top = 100, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Completion(prefix, top).Throw();
        lock (_gate)
        {
            return new([.. ShelfStats.Tags(Passing(scope, null)).Select(static t => t.Key).Where(t => t.StartsWith(prefix, StringComparison.Ordinal)).Take(top)]);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemoryScope> ListScopesAsync(string? tenant, string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Check.Completion(prefix, 1).Throw();
        MemoryScope[] scopes;
        lock (_gate)
        {
            DateTimeOffset now = _clock.GetUtcNow();
            scopes = [.. _scopes.Where(s => (tenant is null || s.Key.Tenant == tenant) && s.Key.Namespace.StartsWith(prefix, StringComparison.Ordinal) && s.Value.Alive(now).Any()).Select(static s => s.Key)
                .OrderBy(static s => s.Tenant, StringComparer.Ordinal).ThenBy(static s => s.Namespace, StringComparer.Ordinal)];
        }

        await Task.CompletedTask.ConfigureAwait(false);
        foreach (MemoryScope scope in scopes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return scope;
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "delete", () => DeleteCore(scope, filter, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "erase", () => EraseCore(scope, filter, cancellationToken));

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

            int gone = (int)_scopes.Values.Sum(s => Remove(s, s.All.Where(r => r.Expires <= now)));
            foreach ((MemoryScope scope, ScopeShelf shelf) in _scopes.Where(static s => !s.Value.All.Any()).ToArray())
            {
                _scopes.Remove(scope); // sessions come and go
                shelf.Dispose();
            }

            return new(gone);
        }
    }

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellationToken = default) => default;

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

    private static long Remove(ScopeShelf? shelf, IEnumerable<MemoryRecord> records)
    {
        string[] ids = [.. records.Select(static r => r.Id)];
        foreach (string id in ids)
        {
            shelf!.Remove(id);
        }

        return ids.Length;
    }

    private static int Compare(MemoryRecord record, ListPlace place) =>
        record.Created.UtcTicks.CompareTo(place.Created) is not 0 and var order ? order : string.CompareOrdinal(record.Id, place.Id);

    /// <summary>What passes, in the order of creation; under the lock.</summary>
    private IEnumerable<MemoryRecord> Passing(MemoryScope scope, MemoryFilter? filter) =>
        (_scopes.GetValueOrDefault(scope)?.Alive(_clock.GetUtcNow()) ?? []).Where(filter.Passes).OrderBy(static r => r.Created.UtcTicks).ThenBy(static r => r.Id, StringComparer.Ordinal);

    internal ValueTask<MemoryTransactionResult> ExecuteCore(MemoryTransaction transaction, CancellationToken cancellationToken)
    {
        Check.Transaction(transaction).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        DateTimeOffset now = _clock.GetUtcNow();
        lock (_gate)
        {
            string? hash = null;
            if (transaction.IdempotencyKey is { } key)
            {
                hash = TransactionHash.Of(transaction);
                if (_keys.TryGetValue((transaction.Scope, key), out var kept) && kept.Kept + s_keyLife > now)
                {
                    return kept.Hash == hash ? new(kept.Result with { Replayed = true })
                        : throw new MemoryValidationException([$"idempotency_key: '{key}' was used for other changes; take a new key."]);
                }
            }

            if (!_scopes.TryGetValue(transaction.Scope, out ScopeShelf? shelf))
            {
                _scopes[transaction.Scope] = shelf = new ScopeShelf();
            }

            ShelfPlan plan = new(shelf, transaction, now);
            plan.Decide(Check);
            plan.Apply();
            MemoryTransactionResult result = new(plan.Outcomes);
            if (hash is not null)
            {
                _keys[(transaction.Scope, transaction.IdempotencyKey!)] = (hash, result, now);
            }

            return new(result);
        }
    }

    internal ValueTask<MemoryRecord?> GetCore(MemoryScope scope, string id, CancellationToken cancellationToken)
    {
        Check.Scope(scope).Id("id", id).Throw();
        lock (_gate)
        {
            return new(_scopes.GetValueOrDefault(scope)?.Get(id, _clock.GetUtcNow()));
        }
    }

    internal ValueTask<MemoryPage> ListCore(MemoryScope scope, MemoryListOptions? options, CancellationToken cancellationToken)
    {
        options ??= new MemoryListOptions();
        Check.List(scope, options).Throw();
        ListPlace? after = _cursors.Read(scope, options);
        int sign = options.Order is MemoryOrder.NewestFirst ? -1 : 1;
        MemoryRecord[] page;
        lock (_gate)
        {
            IEnumerable<MemoryRecord> all = Passing(scope, options.Filter);
            page = [.. (sign > 0 ? all : all.Reverse()).Where(r => after is not { } place || sign * Compare(r, place) > 0).Take(options.Limit + 1)];
        }

        bool more = page.Length > options.Limit;
        MemoryRecord[] shown = more ? page[..^1] : page;
        return new(new MemoryPage(shown, more ? _cursors.Write(new ListPlace(shown[^1].Created.UtcTicks, shown[^1].Id), scope, options) : null));
    }

    internal ValueTask<IReadOnlyList<MemoryMatch>> SearchCore(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken)
    {
        Check.Query(scope, query).Throw();
        lock (_gate)
        {
            return new(_scopes.GetValueOrDefault(scope)?.Search(query, _clock.GetUtcNow(), Check) ?? []);
        }
    }

    internal ValueTask<MemoryStats> GetStatsCore(MemoryScope scope, CancellationToken cancellationToken)
    {
        Check.Scope(scope).Throw();
        lock (_gate)
        {
            return new(_scopes.TryGetValue(scope, out ScopeShelf? shelf) ? ShelfStats.Of(shelf, _clock.GetUtcNow()) : new MemoryStats(0, 0));
        }
    }

    internal ValueTask<long> DeleteCore(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Check.Deletion(scope, filter, everything: false).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return new(Remove(_scopes.GetValueOrDefault(scope), Passing(scope, filter)));
        }
    }

    internal ValueTask<long> EraseCore(MemoryScope scope, MemoryFilter? filter, CancellationToken cancellationToken)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        MemoryFilter all = (filter ?? new MemoryFilter()) with { State = MemoryState.Any };
        lock (_gate)
        {
            foreach ((MemoryScope Scope, string Key) key in _keys.Keys.Where(k => k.Scope == scope).ToArray())
            {
                _keys.Remove(key);
            }

            return new(_scopes.GetValueOrDefault(scope) is { } shelf ? Remove(shelf, shelf.All.Where(all.Passes)) : 0);
        }
    }
}
