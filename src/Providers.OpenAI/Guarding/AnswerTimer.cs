namespace Providers.OpenAI;

/// <summary>The two deadlines of one answer: its first byte, counted from the request, then each pause.</summary>
internal sealed class AnswerTimer(OpenAIPlan plan, TimeProvider clock)
{
    private readonly long _started = clock.GetTimestamp();
    private bool _flowing;

    /// <summary>Runs one step of the exchange.</summary>
    /// <exception cref="TimeoutException">The step took too long; the message says which deadline.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> step, CancellationToken cancellationToken)
    {
        TimeSpan left = _flowing ? plan.IdleTimeout : plan.FirstByteTimeout - clock.GetElapsedTime(_started);
        using CancellationTokenSource timer = new(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await step(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            throw new TimeoutException(_flowing
                ? $"The answer paused for more than {plan.IdleTimeout.TotalSeconds:0.###} s."
                : $"The first byte of the answer did not come within {plan.FirstByteTimeout.TotalSeconds:0.###} s.", e);
        }
    }

    public async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read = await RunAsync(token => stream.ReadAsync(buffer, token), cancellationToken).ConfigureAwait(false);
        _flowing = true;
        return read;
    }
}
