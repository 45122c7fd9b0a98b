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
    private readonly Database _database;
    private readonly SpaceShelves _shelves;
    private readonly GroupWriter _writer;
    private readonly MemoryReader _reader;
    private readonly SearchReader _search;
    private readonly CountReader _counts;
    private readonly TransactionWriter _transactions;
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _clock;
    private int _disposed;

    /// <summary>Opens the database, and makes it where it is missing.</summary>
    /// <param name="options">Where it lies, and how it writes.</param>
    /// <param name="limits">How large things may be; <see langword="null"/>: the defaults.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <exception cref="InvalidOperationException">The file is no memory, of a newer version, damaged, or in use.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder does not exist.</exception>
    public SqliteMemoryStore(SqliteMemoryOptions options, MemoryLimits? limits = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Path);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxGroup, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxGroup, 10_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CheckpointEvery, 100);
        _limits = limits ?? new MemoryLimits();
        _clock = clock ?? TimeProvider.System;
        _database = new Database(options.Path);
        _shelves = new SpaceShelves(_database, options.CheckpointEvery);
        _reader = new MemoryReader(_database);
        _search = new SearchReader(_database, _shelves);
        _counts = new CountReader(_database);
        _transactions = new TransactionWriter(_clock);
        _writer = new GroupWriter(_database, _shelves, options.MaxGroup);
    }

    private MemoryCheck Check => new(_limits, _clock);

    /// <inheritdoc/>
    public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default)
    {
        Check.Transaction(transaction).Throw();
        string? hash = transaction.IdempotencyKey is null ? null : TransactionHash.Of(transaction);
        return _writer.WriteAsync(rows => _transactions.Execute(rows, transaction, hash), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Id("id", id).Throw();
        return Read(() => _reader.Get(scope, id, _clock.GetUtcNow()), cancellationToken);
    }

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
    public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MemoryListOptions();
        Check.List(scope, options).Throw();
        return Read(() => _reader.List(scope, options, _clock.GetUtcNow()), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        return _reader.ReadAllAsync(scope, filter, _clock.GetUtcNow(), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default)
    {
        Check.Query(scope, query).Throw();
        return Read(() => _search.Search(scope, query, _clock.GetUtcNow()), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Throw();
        return Read(() => _counts.Stats(scope, _clock.GetUtcNow()), cancellationToken);
    }

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
        return _counts.ScopesAsync(tenant, prefix, _clock.GetUtcNow(), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Check.Deletion(scope, filter, everything: false).Throw();
        return _writer.WriteAsync(rows => _transactions.Delete(rows, scope, filter, erase: false), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        MemoryFilter all = (filter ?? new MemoryFilter()) with { State = MemoryState.Any };
        long erased = await _writer.WriteAsync(rows => _transactions.Delete(rows, scope, all, erase: true), cancellationToken).ConfigureAwait(false);
        await _writer.RunAloneAsync(
            rows =>
            {
                _shelves.Rewrite(rows.ScopeOf(scope));
                _database.FoldLog();
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return erased;
    }

    /// <inheritdoc/>
    public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default) => _writer.WriteAsync(_transactions.Purge, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellationToken = default)
    {
        await Read(() => _reader.Get(new MemoryScope("check"), "check", _clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        await _writer.WriteAsync(static rows => rows.Connection.Run("INSERT INTO meta VALUES ('checked', x'00') ON CONFLICT DO UPDATE SET value = x'00'"), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies the database while it is in use, as it was at one moment.</summary>
    /// <param name="path">The copy; must not exist. The vectors are not copied: they are made again from it.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>A task that ends when the copy is complete.</returns>
    /// <exception cref="IOException">The copy exists, or cannot be written.</exception>
    public async Task BackupAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (File.Exists(path))
        {
            throw new IOException($"'{path}' exists; a backup never writes over a file.");
        }

        await Task.Run(
            () =>
            {
                using SqliteConnection source = _database.Open();
                source.Run("VACUUM INTO $1", path);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
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
}
