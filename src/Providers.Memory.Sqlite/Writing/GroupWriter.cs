using System.Threading.Channels;

namespace Providers.Memory.Sqlite;

/// <summary>The one that writes: takes whatever waits, puts it into one transaction, and acknowledges it all when that is on disk. Concurrent writers share the cost of one sync.</summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    private readonly Channel<WriteJob> _queue = Channel.CreateBounded<WriteJob>(new BoundedChannelOptions(8_192) { SingleReader = true });
    private readonly Database _database;
    private readonly SpaceShelves _shelves;
    private readonly RowWriter _rows;
    private readonly int _maxGroup;
    private readonly Task _loop;

    public GroupWriter(Database database, SpaceShelves shelves, int maxGroup)
    {
        _database = database;
        _shelves = shelves;
        _rows = new RowWriter(database.Writer);
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
        List<WriteJob> group = [];
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            group.Clear();
            while (group.Count < _maxGroup && group is not [.., { Alone: true }] && _queue.Reader.TryRead(out WriteJob? job))
            {
                group.Add(job);
            }

            WriteJob? alone = group is [.., { Alone: true } last] ? last : null;
            if (alone is not null)
            {
                group.RemoveAt(group.Count - 1);
            }

            Commit(group);
            RunAlone(alone);
        }

        Quietly(_shelves.CheckpointAll);
    }

    private void Commit(List<WriteJob> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        Statements sql = _database.Writer;
        List<WriteJob> made = [];
        _rows.Begin();
        try
        {
            sql.Run("BEGIN IMMEDIATE");
            foreach (WriteJob job in group)
            {
                TryRun(job, made);
            }

            sql.Run("COMMIT");
        }
#pragma warning disable CA1031 // whatever went wrong belongs to those who wait
        catch (Exception e)
        {
            Quietly(() => sql.Connection.Run("ROLLBACK")); // a commit that failed may have ended the transaction itself
            _rows.ForgetFrom(0);
            Exception told = StoreFailure.Of(e, _database.Path, writing: true);
            foreach (WriteJob job in group)
            {
                job.Fail(told);
            }

            return;
        }
#pragma warning restore CA1031

        // The rows are safe, and the vectors come back from them: an index that failed is loaded again at the next opening.
        Quietly(() => _shelves.Apply(_rows.VectorChanges, _rows.LastChange));
        foreach (WriteJob job in made)
        {
            job.Acknowledge();
        }
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

    private void TryRun(WriteJob job, List<WriteJob> made)
    {
        Statements sql = _database.Writer;
        int vectors = _rows.VectorChanges.Count;
        sql.Run("SAVEPOINT job");
        try
        {
            job.Run(_rows);
            made.Add(job);
            sql.Run("RELEASE job");
        }
        catch (Exception e) when (e is MemoryConflictException or MemoryValidationException)
        {
            sql.Run("ROLLBACK TO job");
            sql.Run("RELEASE job");
            _rows.ForgetFrom(vectors);
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
