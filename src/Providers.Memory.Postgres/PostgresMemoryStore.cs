using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.Memory.Postgres;

/// <summary>Keeps memories in PostgreSQL, for any number of hosts. Acknowledged means committed by the server.</summary>
/// <remarks>
/// Safe for concurrent use, in one host and in many. The server is first asked, and the tables are made or migrated, at the first call; hosts that start
/// at once wait for the one that does it. The transaction of each call names its tenant, and row-level security shows it no other's rows. While the server
/// is away calls are tried again for <see cref="PostgresMemoryOptions.RetryFor"/>, then throw <see cref="MemoryUnavailableException"/>.
/// </remarks>
public sealed class PostgresMemoryStore : IMemoryStore, IAsyncDisposable, IDisposable
{
    /// <summary>What metrics call this store.</summary>
    internal const string Kind = "postgres";

    private readonly Database _database;
    private readonly Reader _reader;
    private readonly Searcher _searcher;
    private readonly Writer _writer;
    private readonly HistoryReader _history;
    private readonly Counter _counter;
    private readonly Remover _remover;
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _clock;
    private int _disposed;

    /// <summary>Creates a store; the server is not asked yet.</summary>
    /// <param name="options">Where it lies, and how it is reached.</param>
    /// <param name="limits">How large things may be; <see langword="null"/>: the defaults.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's. Hosts of one memory should agree on the time.</param>
    /// <param name="logger">Where trying again and new indexes are told; <see langword="null"/>: nowhere.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public PostgresMemoryStore(PostgresMemoryOptions options, MemoryLimits? limits = null, TimeProvider? clock = null, ILogger<PostgresMemoryStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _limits = limits ?? new MemoryLimits();
        _clock = clock ?? TimeProvider.System;
        _database = new Database(options, _clock, logger ?? NullLogger<PostgresMemoryStore>.Instance);
        _reader = new Reader(_database, _clock);
        _searcher = new Searcher(_database, _clock);
        _writer = new Writer(_database, _clock);
        _history = new HistoryReader(_database, _clock);
        _counter = new Counter(_database, _clock);
        _remover = new Remover(_database, _clock);
        Indexes = new IndexKeeper(_database, _clock);
    }

    /// <summary>Gets the keeper of the HNSW indexes.</summary>
    internal IndexKeeper Indexes { get; }

    private MemoryCheck Check => new(_limits, _clock);

    /// <inheritdoc/>
    public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, MemoryMetrics.OperationOf(transaction), () => ExecuteCore(transaction, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "get", () => GetCore(scope, id, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "list", () => ListCore(scope, options, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "search", () => SearchCore(scope, query, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "stats", () => GetStatsCore(scope, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryRecord>> GetHistoryAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Id("id", id).Throw();
        return new(_history.GetAsync(scope, id, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryEdge>> GetRelatedAsync(MemoryScope scope, string id, MemoryRelatedOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MemoryRelatedOptions();
        Check.Related(scope, id, options).Throw();
        return new(_history.FollowAsync(scope, id, options, cancellationToken));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        return _reader.ReadAllAsync(scope, filter, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListTagsAsync(MemoryScope scope, string prefix = "", int top = 100, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Completion(prefix, top).Throw();
        return new(_counter.TagsAsync(scope, prefix, top, cancellationToken));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MemoryScope> ListScopesAsync(string? tenant, string prefix = "", CancellationToken cancellationToken = default)
    {
        Check.Completion(prefix, 1).Throw();
        return _counter.ScopesAsync(tenant, prefix, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "delete", () => DeleteCore(scope, filter, cancellationToken));

    /// <inheritdoc/>
    /// <remarks>
    /// The rows are deleted and their pages vacuumed. PostgreSQL never writes over a row in place: bytes may lie unreachable in pages until these are used again, and in the
    /// write-ahead log until it is recycled. Where that is too long, encrypt what is stored and destroy the key, or let the operator run VACUUM FULL and a checkpoint.
    /// </remarks>
    public ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "erase", () => EraseCore(scope, filter, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default) => new(_remover.PurgeAsync(cancellationToken));

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellationToken = default) => await _database.ReadAsync(Proof.TakeAsync, cancellationToken).ConfigureAwait(false);

    /// <summary>Brings the vectors to the best this server can do: moves them to pgvector where it has come since, and makes the HNSW indexes that are missing. Other hosts wait while vectors are moved, and follow.</summary>
    /// <param name="cancellationToken">Ends it; a move is undone, indexes that are complete stay.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="MemoryUnavailableException">The server is away, or the role does not own the tables.</exception>
    public Task ReindexAsync(CancellationToken cancellationToken = default) => new Reindexing(_database, Indexes).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await Indexes.DisposeAsync().ConfigureAwait(false);
            await _database.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private ValueTask<MemoryTransactionResult> ExecuteCore(MemoryTransaction transaction, CancellationToken cancellationToken)
    {
        Check.Transaction(transaction).Throw();
        return new(_writer.ExecuteAsync(transaction, Indexes.Added, cancellationToken));
    }

    private ValueTask<MemoryRecord?> GetCore(MemoryScope scope, string id, CancellationToken cancellationToken)
    {
        Check.Scope(scope).Id("id", id).Throw();
        return new(_reader.GetAsync(scope, id, cancellationToken));
    }

    private ValueTask<MemoryPage> ListCore(MemoryScope scope, MemoryListOptions? options, CancellationToken cancellationToken)
    {
        options ??= new MemoryListOptions();
        Check.List(scope, options).Throw();
        return new(_reader.ListAsync(scope, options, cancellationToken));
    }

    private ValueTask<IReadOnlyList<MemoryMatch>> SearchCore(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken)
    {
        Check.Query(scope, query).Throw();
        return new(_searcher.SearchAsync(scope, query, cancellationToken));
    }

    private ValueTask<MemoryStats> GetStatsCore(MemoryScope scope, CancellationToken cancellationToken)
    {
        Check.Scope(scope).Throw();
        return new(_counter.StatsAsync(scope, cancellationToken));
    }

    private ValueTask<long> DeleteCore(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Check.Deletion(scope, filter, everything: false).Throw();
        return new(_remover.DeleteAsync(scope, filter, cancellationToken));
    }

    private ValueTask<long> EraseCore(MemoryScope scope, MemoryFilter? filter, CancellationToken cancellationToken)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        return new(_remover.EraseAsync(scope, filter, cancellationToken));
    }
}
