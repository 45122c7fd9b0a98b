namespace Providers.Http;

/// <summary>
/// Reads a body under the first-byte and idle timers and the caller's token. What is at hand already is read without arming anything.
/// One reader at a time.
/// </summary>
internal sealed class TimedReader(Stream inner, Patience patience, TimeProvider clock, string? provider) : IAsyncDisposable, IDisposable
{
    private static readonly Action<object?> s_abort = static reader => ((TimedReader)reader!).Abort();
    private readonly CancellationTokenSource _abort = new();
    private CancellationTokenRegistration _caller;
    private ITimer? _timer;
    private bool _any;
    private volatile bool _late;

    /// <summary>Reads what there is.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="grace">Replaces the timers; when it runs out, or the connection breaks, the body counts as ended. <see langword="null"/>: the answer is not complete yet.</param>
    /// <param name="cancellationToken">Ends this read.</param>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, TimeSpan? grace, CancellationToken cancellationToken)
    {
        patience.Caller.ThrowIfCancellationRequested();
        cancellationToken.ThrowIfCancellationRequested();
        TimeSpan limit = grace ?? (_any ? patience.Idle : patience.FirstByte);
        if (grace <= TimeSpan.Zero)
        {
            return 0;
        }

        try
        {
            ValueTask<int> reading = inner.ReadAsync(buffer, _abort.Token);
            int read = reading.IsCompletedSuccessfully ? reading.Result : await WaitAsync(reading, limit, cancellationToken).ConfigureAwait(false);
            _any |= read > 0;
            return read;
        }
        catch (Exception e)
        {
            if (Seen(e, limit, grace is not null, cancellationToken) is not { } seen)
            {
                return 0;
            }

            throw seen;
        }
    }

    public void Dispose()
    {
        _caller.Dispose();
        _timer?.Dispose();
        inner.Dispose();
        _abort.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync().ConfigureAwait(false);
        if (_timer is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        await inner.DisposeAsync().ConfigureAwait(false);
        _abort.Dispose();
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> reading, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_timer is null)
        {
            _timer = clock.CreateTimer(static reader => ((TimedReader)reader!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _caller = patience.Caller.UnsafeRegister(s_abort, this);
        }

        CancellationTokenRegistration own = cancellationToken != patience.Caller ? cancellationToken.UnsafeRegister(s_abort, this) : default;
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
        try
        {
            return await reading.ConfigureAwait(false);
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            await own.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Exception? Seen(Exception e, TimeSpan limit, bool complete, CancellationToken cancellationToken)
    {
        if (patience.Caller.IsCancellationRequested)
        {
            return new OperationCanceledException("The caller cancelled the request.", e, patience.Caller);
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
            : FailureClassifier.Classify(e, null, CancellationToken.None), provider, null, e);
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
