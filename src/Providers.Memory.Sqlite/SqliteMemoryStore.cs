using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Providers.Memory.Sqlite;

/// <summary>Keeps memories in one SQLite file (WAL, full sync). Acknowledged means it survives kill -9 and power loss.</summary>
/// <remarks>
/// Safe for concurrent use: many readers, one writer that lets waiting transactions share a commit. One store per file; for several hosts use
/// PostgreSQL. Disposing writes the vectors to their files; without it they are brought up to date from the database at the next opening.
/// </remarks>
public sealed class SqliteMemoryStore : IMemoryStore, IAsyncDisposable, IDisposable
{
    /// <summary>What metrics call this store.</summary>
    internal const string Kind = "sqlite";

    private readonly Database _database;
    private readonly SpaceShelves _shelves;
    private readonly GroupWriter _writer;
    private readonly MemoryReader _reader;
    private readonly WordFrequencies _frequencies = new();
    private readonly SearchReader _search;
    private readonly CountReader _counts;
    private readonly TransactionWriter _transactions;
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _clock;
    private readonly StoreFiles _files;
    private int _disposed;

    /// <summary>Opens the database, and makes it where it is missing.</summary>
    /// <param name="options">Where it lies, and how it writes.</param>
    /// <param name="limits">How large things may be; <see langword="null"/>: the defaults.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="InvalidOperationException">The file is no memory, of a newer version, damaged, or in use.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder does not exist.</exception>
    public SqliteMemoryStore(SqliteMemoryOptions options, MemoryLimits? limits = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Path);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxGroup, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxGroup, 10_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CheckpointEvery, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CheckpointEvery, 10_000_000);
        _limits = limits ?? new MemoryLimits();
        _clock = clock ?? TimeProvider.System;
        _database = new Database(options.Path);
        _shelves = new SpaceShelves(_database, options.CheckpointEvery);
        _reader = new MemoryReader(_database);
        _search = new SearchReader(_database, _shelves, _frequencies);
        _counts = new CountReader(_database);
        _transactions = new TransactionWriter(_clock);
        _writer = new GroupWriter(_database, _shelves, options.MaxGroup);
        _files = new StoreFiles(Kind, () => _shelves.FileBytes, () => StoreFiles.Length(_database.Path + "-wal"));
    }

    /// <summary>Gets the database, for tests of what may go wrong with it.</summary>
    internal Database Database => _database;

    /// <summary>Gets the vector indexes, for the same.</summary>
    internal SpaceShelves Shelves => _shelves;

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
        return Read(() => _reader.History(scope, id, _clock.GetUtcNow()), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryEdge>> GetRelatedAsync(MemoryScope scope, string id, MemoryRelatedOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MemoryRelatedOptions();
        Check.Related(scope, id, options).Throw();
        return LinkWalk.FollowAsync(id, options, (ids, most) => Read(() => _reader.Links(scope, ids, options, most, _clock.GetUtcNow()), cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "list", () => ListCore(scope, options, cancellationToken));

    /// <inheritdoc/>
    public IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        return StoreFailure.ReadingAsync(_database.Path, _reader.ReadAll(scope, filter, _clock.GetUtcNow()), cancellationToken);
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
        return Read(() => _counts.Tags(scope, prefix, top, _clock.GetUtcNow()), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MemoryScope> ListScopesAsync(string? tenant, string prefix = "", CancellationToken cancellationToken = default)
    {
        Check.Completion(prefix, 1).Throw();
        return StoreFailure.ReadingAsync(_database.Path, _counts.Scopes(tenant, prefix, _clock.GetUtcNow()), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "delete", () => DeleteCore(scope, filter, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default) =>
        MemoryMetrics.MeasureAsync(Kind, "erase", () => EraseCoreAsync(scope, filter, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default) => _writer.WriteAsync(_transactions.Purge, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellationToken = default)
    {
        await Read(() => _reader.Get(new MemoryScope("check"), "check", _clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        await _writer.WriteAsync(static rows => rows.Sql.Run("INSERT INTO meta VALUES ('checked', x'00') ON CONFLICT DO UPDATE SET value = x'00'"), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies the database while it is in use, as it was at one moment.</summary>
    /// <param name="path">The copy; must not exist. The vectors are not copied: they are made again from it.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>A task that ends when the copy is complete.</returns>
    /// <exception cref="IOException">The copy exists, or cannot be written; what was begun of it is removed.</exception>
    /// <exception cref="MemoryUnavailableException">The database is damaged.</exception>
    public Task BackupAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Task.Run(
            () =>
            {
                Backups.Write(_database, path);
                MemoryMetrics.BackedUp(_clock.GetUtcNow());
            },
            cancellationToken);
    }

    /// <summary>Puts a backup in the place of a database that no store has open.</summary>
    /// <param name="backup">The backup; it is checked first, and stays.</param>
    /// <param name="path">The database; what is there is replaced in one step, and kept beside it with <c>.before-restore</c> after its name.</param>
    /// <exception cref="InvalidOperationException">The backup is damaged, no memory, or of a newer version; or the database is in use. Nothing was changed.</exception>
    /// <exception cref="IOException">The files cannot be read or written.</exception>
    public static void Restore(string backup, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(backup);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Backups.Restore(backup, path);
    }

    /// <summary>Checks every page of the database, and that rows, words and vectors agree.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is wrong; empty when nothing is.</returns>
    public Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken = default) => Task.Run(() => Verification.Of(_database), cancellationToken);

    /// <summary>Makes the index of words and the vector indexes again from the rows.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when it is done.</returns>
    public async Task ReindexAsync(CancellationToken cancellationToken = default)
    {
        await _writer.WriteAsync(
            static rows =>
            {
                rows.Sql.Run("INSERT INTO words (words) VALUES ('delete-all')");
                return rows.Sql.Run("INSERT INTO words (rowid, scope, text) SELECT row, 's' || scope, text FROM memory");
            },
            cancellationToken).ConfigureAwait(false);
        await _writer.RunAloneAsync(
            rows =>
            {
                foreach (long scope in rows.Sql.Numbers("SELECT number FROM scope"))
                {
                    _shelves.Refill(scope);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _files.Dispose();
            await _writer.DisposeAsync().ConfigureAwait(false);
            _shelves.Dispose();
            _database.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private ValueTask<T> Read<T>(Func<T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(StoreFailure.Reading(_database.Path, read));
    }

    private ValueTask<MemoryTransactionResult> ExecuteCore(MemoryTransaction transaction, CancellationToken cancellationToken)
    {
        Check.Transaction(transaction).Throw();
        string? hash = transaction.IdempotencyKey is null ? null : TransactionHash.Of(transaction);
        _frequencies.Changed(transaction.Operations.Count);
        return _writer.WriteAsync(rows => _transactions.Execute(rows, transaction, hash), cancellationToken);
    }

    private ValueTask<MemoryRecord?> GetCore(MemoryScope scope, string id, CancellationToken cancellationToken)
    {
        Check.Scope(scope).Id("id", id).Throw();
        return Read(() => _reader.Get(scope, id, _clock.GetUtcNow()), cancellationToken);
    }

    private ValueTask<MemoryPage> ListCore(MemoryScope scope, MemoryListOptions? options, CancellationToken cancellationToken)
    {
        options ??= new MemoryListOptions();
        Check.List(scope, options).Throw();
        return Read(() => _reader.List(scope, options, _clock.GetUtcNow()), cancellationToken);
    }

    private ValueTask<IReadOnlyList<MemoryMatch>> SearchCore(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken)
    {
        Check.Query(scope, query).Throw();
        return Read(() => _search.Search(scope, query, _clock.GetUtcNow()), cancellationToken);
    }

    private ValueTask<MemoryStats> GetStatsCore(MemoryScope scope, CancellationToken cancellationToken)
    {
        Check.Scope(scope).Throw();
        return Read(() => _counts.Stats(scope, _clock.GetUtcNow()), cancellationToken);
    }

    private ValueTask<long> DeleteCore(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Check.Deletion(scope, filter, everything: false).Throw();
        return _writer.WriteAsync(rows => _transactions.Delete(rows, scope, filter, erase: false), cancellationToken);
    }

    private async ValueTask<long> EraseCoreAsync(MemoryScope scope, MemoryFilter? filter, CancellationToken cancellationToken)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        MemoryFilter all = (filter ?? new MemoryFilter()) with { State = MemoryState.Any };
        long erased = await _writer.WriteAsync(rows => _transactions.Delete(rows, scope, all, erase: true), cancellationToken).ConfigureAwait(false);
        await _writer.RunAloneAsync(
            rows =>
            {
                if (rows.Number(scope) is { } number)
                {
                    _shelves.Rewrite(number);
                }

                _database.FoldLog();
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return erased;
    }
}
