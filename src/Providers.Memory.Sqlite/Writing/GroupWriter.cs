using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>The one that writes: takes whatever waits, puts it into one transaction, and acknowledges it all when that is on disk. Concurrent writers share the cost of one sync.</summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    private readonly Channel<WriteJob> _queue = Channel.CreateBounded<WriteJob>(new BoundedChannelOptions(8_192) { SingleReader = true });
    private readonly Database _database;
    private readonly SpaceShelves _shelves;
    private readonly int _maxGroup;
    private readonly Task _loop;

    public GroupWriter(Database database, SpaceShelves shelves, int maxGroup)
    {
        _database = database;
        _shelves = shelves;
        _maxGroup = maxGroup;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Queues a change and waits for its commit.</summary>
    public ValueTask<T> WriteAsync<T>(Func<RowWriter, T> run, CancellationToken cancellationToken) => QueueAsync(new WriteJob<T>(run, alone: false), cancellationToken);

    /// <summary>Queues work that wants the writer for itself, outside a transaction, and waits for its end.</summary>
    public ValueTask<T> RunAloneAsync<T>(Func<RowWriter, T> run, CancellationToken cancellationToken) => QueueAsync(new WriteJob<T>(run, alone: true), cancellationToken);

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

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
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

            if (group is [.., { Alone: true } last])
            {
                group.RemoveAt(group.Count - 1);
                Commit(group);
                RunAlone(last);
            }
            else
            {
                Commit(group);
            }
        }

        _shelves.CheckpointAll();
    }

    private void Commit(List<WriteJob> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        List<WriteJob> made = [];
        RowWriter rows = new(_database.Writer);
        try
        {
            using SqliteTransaction transaction = _database.Writer.BeginTransaction(deferred: false);
            foreach (WriteJob job in group)
            {
                TryRun(job, rows, transaction, made);
            }

            transaction.Commit();
        }
#pragma warning disable CA1031 // whatever went wrong belongs to those who wait
        catch (Exception e)
        {
            rows.DropChanges();
            foreach (WriteJob job in group)
            {
                job.Fail(StoreFailure.Of(e, _database.Path, writing: true));
            }

            return;
        }

        try
        {
            _shelves.Apply(rows.VectorChanges, rows.LastChange);
        }
        catch (Exception)
        {
            // The rows are safe, and the vectors come back from them: an index that failed is loaded again at the next opening.
        }
#pragma warning restore CA1031

        foreach (WriteJob job in made)
        {
            job.Acknowledge();
        }
    }

    private void RunAlone(WriteJob job)
    {
        try
        {
            job.Run(new RowWriter(_database.Writer));
            job.Acknowledge();
        }
#pragma warning disable CA1031 // whatever went wrong belongs to the one who waits
        catch (Exception e)
#pragma warning restore CA1031
        {
            job.Fail(StoreFailure.Of(e, _database.Path, writing: true));
        }
    }

    private static void TryRun(WriteJob job, RowWriter rows, SqliteTransaction transaction, List<WriteJob> made)
    {
        int vectors = rows.VectorChanges.Count;
        transaction.Save("job");
        try
        {
            job.Run(rows);
            made.Add(job);
            transaction.Release("job");
        }
        catch (Exception e) when (e is MemoryConflictException or MemoryValidationException)
        {
            transaction.Rollback("job");
            transaction.Release("job");
            rows.ForgetFrom(vectors);
            job.Fail(e);
        }
    }
}
