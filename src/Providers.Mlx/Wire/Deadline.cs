namespace Providers.Mlx;

/// <summary>A token that ends with the caller's or when no byte came for a while; only the flag tells the two apart.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly ITimer _timer;
    private volatile bool _expired;
    private TimeSpan _limit;

    public Deadline(TimeSpan limit, TimeProvider clock, CancellationToken caller)
    {
        _limit = limit;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _timer = clock.CreateTimer(static state => ((Deadline)state!).Expire(), this, limit, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _source.Token;

    public bool Expired => _expired;

    public TimeSpan Limit => _limit;

    public void Restart() => _timer.Change(_limit, Timeout.InfiniteTimeSpan);

    public void Restart(TimeSpan limit)
    {
        _limit = limit;
        Restart();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Expire()
    {
        _expired = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The request ended at the same moment.
        }
    }
}
