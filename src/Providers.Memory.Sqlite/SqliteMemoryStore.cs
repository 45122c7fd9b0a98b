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
    private static readonly TimeSpan s_keyLife = TimeSpan.FromHours(24);
    private readonly Database _database;
    private readonly SpaceShelves _shelves;
    private readonly GroupWriter _writer;
    private readonly MemoryReader _reader;
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
        _reader = new MemoryReader(_database, _shelves);
        _writer = new GroupWriter(_database, _shelves, options.MaxGroup);
    }

    private MemoryCheck Check => new(_limits, _clock);

    /// <inheritdoc/>
    public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default)
    {
        Check.Transaction(transaction).Throw();
        string? hash = transaction.IdempotencyKey is null ? null : TransactionHash.Of(transaction);
        return _writer.WriteAsync(rows => Execute(rows, transaction, hash), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Id("id", id).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reader.Get(scope, id, _clock.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MemoryListOptions();
        Check.List(scope, options).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reader.List(scope, options, _clock.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default)
    {
        Check.Query(scope, query).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reader.Search(scope, query, _clock.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        Check.Scope(scope).Throw();
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reader.Stats(scope, _clock.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default)
    {
        long now = _clock.GetUtcNow().UtcTicks;
        return _writer.WriteAsync(rows => Purge(rows, now), cancellationToken);
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

    /// <summary>Makes sure that no byte of a deleted memory is left in the files: folds in the write-ahead log and rewrites the vectors.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when it is done.</returns>
    public async Task EraseDeletedAsync(CancellationToken cancellationToken = default)
    {
        await _writer.WriteAsync(static _ => 0, cancellationToken).ConfigureAwait(false);
        await Task.Run(
            () =>
            {
                using SqliteConnection connection = _database.Open();
                connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");
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

    private MemoryTransactionResult Execute(RowWriter rows, MemoryTransaction transaction, string? hash)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        long scope = rows.ScopeOf(transaction.Scope);
        if (hash is not null && Replayed(rows, scope, transaction.IdempotencyKey!, hash, now) is { } replayed)
        {
            return replayed;
        }

        List<MemoryOutcome> outcomes = [];
        for (int i = 0; i < transaction.Operations.Count; i++)
        {
            string id = Step.IdOf(transaction.Operations[i], now);
            (long Row, MemoryRecord Record)? there = rows.Find(scope, id);
            MemoryRecord? current = there is { } found && !(found.Record.Expires <= now) ? found.Record : null;
            Step step = Step.Decide(i, transaction.Operations[i], current, now).WithId(id);
            if (step.After is not null)
            {
                rows.Put(scope, there, step.After);
            }
            else if (there is { } gone)
            {
                rows.Remove(scope, gone.Row, gone.Record);
            }

            outcomes.Add(step.Outcome);
        }

        if (hash is not null)
        {
            rows.Connection.Run(
                "INSERT INTO replay VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET hash = $3, outcome = $4, kept = $5", scope, transaction.IdempotencyKey, hash, RecordRow.WriteOutcomes(outcomes), now.UtcTicks);
        }

        return new MemoryTransactionResult(outcomes);
    }

    private static MemoryTransactionResult? Replayed(RowWriter rows, long scope, string key, string hash, DateTimeOffset now)
    {
        using SqliteCommand command = rows.Connection.Command("SELECT hash, outcome FROM replay WHERE scope = $1 AND key = $2 AND kept > $3", scope, key, (now - s_keyLife).UtcTicks);
        using SqliteDataReader reader = command.ExecuteReader();
        return !reader.Read() ? null
            : reader.GetString(0) == hash ? new MemoryTransactionResult(RecordRow.ReadOutcomes(reader.GetString(1)), Replayed: true)
            : throw new MemoryValidationException([$"idempotency_key: '{key}' was used for other changes; take a new key."]);
    }

    private static int Purge(RowWriter rows, long now)
    {
        List<(long Scope, string Id)> gone = [];
        using (SqliteCommand command = rows.Connection.Command("SELECT scope, id FROM memory WHERE expires <= $1", now))
        using (SqliteDataReader reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                gone.Add((reader.GetInt64(0), reader.GetString(1)));
            }
        }

        foreach ((long scope, string id) in gone)
        {
            (long row, MemoryRecord record) = rows.Find(scope, id)!.Value;
            rows.Remove(scope, row, record);
        }

        rows.Connection.Run("DELETE FROM replay WHERE kept <= $1", now - s_keyLife.Ticks);
        return gone.Count;
    }
}
