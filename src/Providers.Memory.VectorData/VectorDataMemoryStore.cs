using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;

namespace Providers.Memory.VectorData;

/// <summary>Keeps memories in the collections of any vector store of Microsoft.Extensions.VectorData.</summary>
/// <remarks>
/// Safe for concurrent use, by one host at a time: a vector store has no transactions between hosts, so a second one would not see what this one writes.
/// All memories are read at the first use and held in this process, which answers every call from there; a change is acknowledged when the vector store has it.
/// A transaction of several changes is written down in one record first and finished from it at the next opening, so that all of it happens or nothing.
/// For several hosts, or more memories than fit into a process, use PostgreSQL.
/// </remarks>
public sealed class VectorDataMemoryStore : IMemoryStore, IAsyncDisposable, IDisposable
{
    /// <summary>What metrics call this store.</summary>
    internal const string Kind = "vector_data";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly VectorStore _store;
    private readonly VectorDataMemoryOptions _options;
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _clock;
    private Kept? _kept; // null: to be read
    private bool _disposed;

    /// <summary>Creates a store; it reads what is there at its first use.</summary>
    /// <param name="store">The vector store; its owner disposes it.</param>
    /// <param name="options">How it is used; <see langword="null"/>: the defaults.</param>
    /// <param name="limits">How large things may be; <see langword="null"/>: the defaults.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public VectorDataMemoryStore(VectorStore store, VectorDataMemoryOptions? options = null, MemoryLimits? limits = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _options = options ?? new VectorDataMemoryOptions();
        _options.Check();
        (_store, _limits, _clock) = (store, limits ?? new MemoryLimits(), clock ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default) => MemoryMetrics.MeasureAsync(
        Kind, MemoryMetrics.OperationOf(transaction), () => WriteAsync(transaction?.Scope, IdsOf(transaction), held => held.ExecuteCore(transaction!, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "get", () => ReadAsync(held => held.GetCore(scope, id, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryRecord>> GetHistoryAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default) =>
        ReadAsync(held => held.GetHistoryAsync(scope, id, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryEdge>> GetRelatedAsync(MemoryScope scope, string id, MemoryRelatedOptions? options = null, CancellationToken cancellationToken = default) =>
        ReadAsync(held => held.GetRelatedAsync(scope, id, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "list", () => ReadAsync(held => held.ListCore(scope, options, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<MemoryRecord> all = await ReadAsync(held => ListOfAsync(held.ReadAllAsync(scope, filter, cancellationToken)), cancellationToken).ConfigureAwait(false);
        foreach (MemoryRecord record in all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "search", () => ReadAsync(held => held.SearchCore(scope, query, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "stats", () => ReadAsync(held => held.GetStatsCore(scope, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListTagsAsync(MemoryScope scope, string prefix = "", int top = 100, CancellationToken cancellationToken = default) =>
        ReadAsync(held => held.ListTagsAsync(scope, prefix, top, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemoryScope> ListScopesAsync(string? tenant, string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<MemoryScope> all = await ReadAsync(held => ListOfAsync(held.ListScopesAsync(tenant, prefix, cancellationToken)), cancellationToken).ConfigureAwait(false);
        foreach (MemoryScope scope in all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return scope;
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "delete", () => WriteAsync(scope, null, held => held.DeleteCore(scope, filter, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "erase", () => WriteAsync(scope, null, held => held.EraseCore(scope, filter, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default) => WriteAsync(null, null, held => held.PurgeExpiredAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellationToken = default) => await InTurnAsync(
        async kept =>
        {
            await kept.ProveAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        writing: true,
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _disposed = true;
        Forget();
        _gate.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static HashSet<string> IdsOf(MemoryTransaction? transaction) => (transaction?.Operations ?? []).SelectMany(static o => o switch
    {
        MemoryLink link => (string?[])[link.From, link.To],
        MemoryUnlink link => [link.From, link.To],
        MemoryUpsert upsert => [upsert.Record?.Id],
        MemoryPatch patch => [patch.Id],
        MemoryEmbed embed => [embed.Id],
        MemoryDelete delete => [delete.Id],
        _ => [],
    }).Where(static id => !string.IsNullOrEmpty(id)).ToHashSet(StringComparer.Ordinal)!;

    private static async ValueTask<List<T>> ListOfAsync<T>(IAsyncEnumerable<T> items)
    {
        List<T> list = [];
        await foreach (T item in items.ConfigureAwait(false))
        {
            list.Add(item);
        }

        return list;
    }

    private ValueTask<T> ReadAsync<T>(Func<InMemoryStore, ValueTask<T>> read, CancellationToken cancellationToken) => InTurnAsync(kept => read(kept.Held), writing: false, cancellationToken);

    private ValueTask<T> WriteAsync<T>(MemoryScope? scope, HashSet<string>? ids, Func<InMemoryStore, ValueTask<T>> write, CancellationToken cancellationToken) =>
        InTurnAsync(kept => kept.ChangeAsync(scope, ids, write, cancellationToken), writing: true, cancellationToken);

    private async ValueTask<T> InTurnAsync<T>(Func<Kept, ValueTask<T>> run, bool writing, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _kept ??= await Kept.OpenAsync(new RowStore(_store, _options), _limits, _clock, cancellationToken).ConfigureAwait(false);
            return await run(_kept).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Forget(); // it may have been cut off between there and here
            throw;
        }
        catch (Exception e) when (e is not (MemoryConflictException or ArgumentException or ObjectDisposedException))
        {
            Forget(); // what is held and what is stored may differ now: the store is the truth, and is read again
            throw new MemoryUnavailableException($"The vector store of the memory cannot be {(writing ? "written" : "read")} at present: {e.GetType().Name}. Look after the store; it is read again at the next call.", e, outcomeUnknown: writing);
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Forget()
    {
        _kept?.Dispose();
        _kept = null;
    }
}
