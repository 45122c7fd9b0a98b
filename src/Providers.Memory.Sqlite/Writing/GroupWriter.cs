using System.Threading.Channels;

namespace Providers.Memory.Sqlite;

/// <summary>The one that writes: takes whatever waits, puts it into one transaction, and acknowledges it all when that is on disk. Concurrent writers share the cost of one sync.</summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    private readonly Channel<WriteJob> _queue = Channel.CreateBounded<WriteJob>(new BoundedChannelOptions(8_192) { SingleReader = true });
    private readonly Database _database;
    private readonly SpaceShelves _shelves;
    private readonly RowWriter _rows;
    private readonly Gathering _gathering;
    private readonly int _maxGroup;
    private readonly Task _loop;

    public GroupWriter(Database database, SpaceShelves shelves, int maxGroup)
    {
        _database = database;
        _shelves = shelves;
        _rows = new RowWriter(database.Writer);
        _gathering = new Gathering(_queue.Reader);
        _maxGroup = maxGroup;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Queues a change and waits for its commit.</summary>
    public ValueTask<T> WriteAsync<T>(Func<RowWriter, T> run, CancellationToken cancellationToken) => QueueAsync(new WriteJob<T>(run, alone: false), cancellationToken);

    /// <summary>Queues work that wants the writer for itself, outside a transaction, and waits for its end.</summary>
    public ValueTask<T> RunAloneAsync<T>(Func<RowWriter, T> run, CancellationToken cancellationToken) => QueueAsync(new WriteJob<T>(run, alone: true), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async ValueTask<T> QueueAsync<T>(WriteJob<T> job, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteMemoryStore));
        }

        return await job.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            RunAlone(Commit());
        }

        Quietly(_shelves.CheckpointAll);
    }

    /// <summary>Carries out what waits, and commits it together.</summary>
    /// <returns>The job that wants the writer for itself, where the group ended at one.</returns>
    private WriteJob? Commit()
    {
        if (!_queue.Reader.TryRead(out WriteJob? next) || next.Alone)
        {
            return next;
        }

        Statements sql = _database.Writer;
        List<WriteJob> group = [], made = [];
        WriteJob? alone = null;
        _rows.Begin();
        try
        {
            sql.Run("BEGIN IMMEDIATE");
            do
            {
                if (next.Alone)
                {
                    alone = next;
                    break;
                }

                group.Add(next);
                TryRun(next, made);
            }
            while (group.Count < _maxGroup && _gathering.TryTake(group.Count, out next));
            long began = TimeProvider.System.GetTimestamp();
            sql.Run("COMMIT");
            _gathering.Committed(group.Count, TimeProvider.System.GetElapsedTime(began));
        }
#pragma warning disable CA1031 // whatever went wrong belongs to those who wait
        catch (Exception e)
        {
            Quietly(() =>
            {
                if (sql.InTransaction) // a commit that failed may have ended the transaction itself
                {
                    sql.Connection.Run("ROLLBACK");
                }
            });
            _rows.Forget();
            Exception told = StoreFailure.Of(e, _database.Path, writing: true);
            if (group.Count == 0)
            {
                group.Add(next!);
            }

            foreach (WriteJob job in group)
            {
                job.Fail(told);
            }

            return alone;
        }
#pragma warning restore CA1031

        // The rows are safe, and the vectors come back from them: an index that failed is loaded again at the next opening.
        Quietly(() => _shelves.Apply(_rows.VectorChanges, _rows.LastChange));
        foreach (WriteJob job in made)
        {
            job.Acknowledge();
        }

        return alone;
    }

    private void RunAlone(WriteJob? job)
    {
        try
        {
            _rows.Begin();
            job?.Run(_rows);
            job?.Acknowledge();
        }
#pragma warning disable CA1031 // whatever went wrong belongs to the one who waits
        catch (Exception e)
#pragma warning restore CA1031
        {
            job?.Fail(StoreFailure.Of(e, _database.Path, writing: true));
        }
    }

    /// <summary>Runs one job. One that refuses has written nothing, so it needs no savepoint; that would make FTS5 write its words to disk for each job alone.</summary>
    private void TryRun(WriteJob job, List<WriteJob> made)
    {
        int changes = _database.Writer.Changes;
        try
        {
            job.Run(_rows);
            made.Add(job);
        }
        catch (Exception e) when (e is MemoryConflictException or MemoryValidationException)
        {
            if (_database.Writer.Changes != changes)
            {
                throw new InvalidOperationException("A change was refused after it had begun to write, so its whole group was undone. Nothing was changed; this is a fault of the store.", e);
            }

            job.Fail(e);
        }
    }

    private static void Quietly(Action act)
    {
        try
        {
            act();
        }
#pragma warning disable CA1031 // what is done here is done again later, or need not be
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
