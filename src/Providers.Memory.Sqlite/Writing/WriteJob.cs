namespace Providers.Memory.Sqlite;

/// <summary>A change that waits for its commit.</summary>
internal abstract class WriteJob
{
    /// <summary>Gets whether the job runs by itself, between two groups, outside a transaction.</summary>
    public abstract bool Alone { get; }

    /// <summary>Makes the change within the open transaction.</summary>
    /// <exception cref="MemoryConflictException">The change is refused, and nothing of it was written: the others of the group go on.</exception>
    /// <exception cref="MemoryValidationException">The same.</exception>
    public abstract void Run(RowWriter rows);

    /// <summary>The change is on disk.</summary>
    public abstract void Acknowledge();

    /// <summary>The change did not happen.</summary>
    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class WriteJob<T>(Func<RowWriter, T> run, bool alone) : WriteJob
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Done => _done.Task;

    public override bool Alone => alone;

    public override void Run(RowWriter rows) => _result = run(rows);

    public override void Acknowledge() => _done.TrySetResult(_result);

    public override void Fail(Exception error) => _done.TrySetException(error);
}
