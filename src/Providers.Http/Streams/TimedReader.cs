namespace Providers.Http;

/// <summary>Reads a body under the first-byte and idle timers and the caller's token. One reader at a time.</summary>
internal sealed class TimedReader : IAsyncDisposable, IDisposable
{
    private readonly Stream _inner;
    private readonly string? _provider;
    private readonly Patience _patience;
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly ITimer _timer;
    private bool _any;
    private volatile bool _late;

    public TimedReader(Stream inner, Patience patience, TimeProvider clock, string? provider)
    {
        _inner = inner;
        _patience = patience;
        _provider = provider;
        _timer = clock.CreateTimer(static s => ((TimedReader)s!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registration = patience.Caller.UnsafeRegister(static s => ((TimedReader)s!).Abort(), this);
    }

    /// <summary>Reads what there is.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="grace">Replaces the timers; when it runs out, or the connection breaks, the body counts as ended. <see langword="null"/>: the answer is not complete yet.</param>
    /// <param name="cancellationToken">Ends this read.</param>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, TimeSpan? grace, CancellationToken cancellationToken)
    {
        _patience.Caller.ThrowIfCancellationRequested();
        TimeSpan limit = grace ?? (_any ? _patience.Idle : _patience.FirstByte);
        if (grace <= TimeSpan.Zero)
        {
            return 0;
        }

        CancellationTokenRegistration own = cancellationToken != _patience.Caller ? cancellationToken.UnsafeRegister(static s => ((TimedReader)s!).Abort(), this) : default;
        try
        {
            _timer.Change(limit, Timeout.InfiniteTimeSpan);
            int read = await _inner.ReadAsync(buffer, _abort.Token).ConfigureAwait(false);
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _any |= read > 0;
            return read;
        }
        catch (Exception e)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (Seen(e, limit, grace is not null, cancellationToken) is not { } seen)
            {
                return 0;
            }

            throw seen;
        }
        finally
        {
            await own.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _timer.Dispose();
        _inner.Dispose();
        _abort.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _registration.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _inner.DisposeAsync().ConfigureAwait(false);
        _abort.Dispose();
    }

    private Exception? Seen(Exception e, TimeSpan limit, bool complete, CancellationToken cancellationToken)
    {
        if (_patience.Caller.IsCancellationRequested)
        {
            return new OperationCanceledException("The caller cancelled the request.", e, _patience.Caller);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException("The read was cancelled.", e, cancellationToken);
        }

        if (complete)
        {
            return null;
        }

        return new ProviderException(_late
            ? new ProviderFailure(FailureKind.TimedOut, _any ? $"The server sent nothing for {limit.TotalSeconds:F1} s in the middle of its answer (IdleTimeout)."
                : $"The server sent no byte of its answer's body in time (FirstByteTimeout; the last {limit.TotalSeconds:F1} s of it after the headers).")
            : FailureClassifier.Classify(e, null, CancellationToken.None), _provider, null, e);
    }

    private void Expire()
    {
        _late = true;
        Abort();
    }

    private void Abort()
    {
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The read ended first.
        }
    }
}
