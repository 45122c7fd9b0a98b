namespace Providers.AspNetCore.Health;

/// <summary>Whether the host is on its way out, and what it still has to finish.</summary>
internal sealed class DrainState : IDisposable
{
    private readonly CancellationTokenSource _cut = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _draining;
    private volatile bool _closed;
    private int _requests;

    public bool IsDraining => _draining;

    /// <summary>Gets a value indicating whether nothing new is taken any more: the balancer has had its time.</summary>
    public bool IsClosed => _closed;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Gets the token that ends the streams which took too long.</summary>
    public CancellationToken Cut => _cut.Token;

    public void Enter() => Interlocked.Increment(ref _requests);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _requests) == 0 && _closed) // a pause of the traffic that still comes is no end
        {
            _idle.TrySetResult();
        }
    }

    public void Begin() => _draining = true;

    public void Close() => _closed = true;

    /// <summary>Waits until nothing is under way; to be called once nothing new is taken.</summary>
    public Task WhenIdleAsync()
    {
        if (Requests == 0)
        {
            _idle.TrySetResult();
        }

        return _idle.Task;
    }

    public Task CutAsync() => _cut.CancelAsync();

    public void Dispose() => _cut.Dispose();
}
