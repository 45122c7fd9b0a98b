using System.IO.Pipelines;

namespace Providers.AspNetCore.Pipeline;

/// <summary>
/// Keeps a stream's connection alive while nothing comes: a comment after each silent interval. Writer and timer take turns by one
/// number, so that a stream which flows costs neither a lock nor an allocation.
/// </summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private const int Free = 0, Writing = 1, Beating = 2, Ended = 3;

    private readonly PipeWriter _output;
    private readonly Action _first;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private readonly CancellationToken _aborted;
    private volatile Task _beat = Task.CompletedTask;
    private int _turn;
    private bool _silent = true;

    /// <param name="first">Called before the first beat of a stream that has not begun: sets its headers.</param>
    public Heartbeat(PipeWriter output, TimeSpan interval, TimeProvider clock, Action first, CancellationToken aborted)
    {
        _output = output;
        _first = first;
        _interval = interval;
        _aborted = aborted;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.CreateTimer(static state => ((Heartbeat)state!).OnTimer(), this, interval, interval);
        }
    }

    /// <summary>Takes the turn; to be given back with <see cref="Leave"/>.</summary>
    public async ValueTask EnterAsync()
    {
        while (Interlocked.CompareExchange(ref _turn, Writing, Free) == Beating)
        {
            await _beat.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Yield();
        }

        _silent = false;
    }

    public void Leave() => Volatile.Write(ref _turn, Free);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        while (Interlocked.CompareExchange(ref _turn, Ended, Free) == Beating)
        {
            await _beat.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Yield();
        }
    }

    private void OnTimer()
    {
        if (Interlocked.CompareExchange(ref _turn, Beating, Free) != Free)
        {
            return; // something is being written just now
        }

        if (!_silent)
        {
            _silent = true;
            Leave();
            return;
        }

        _beat = BeatAsync();
    }

    private async Task BeatAsync()
    {
        try
        {
            _first();
            ": keep-alive\n\n"u8.CopyTo(_output.GetSpan(16));
            _output.Advance(14);
            await _output.FlushAsync(_aborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client is gone; the writer will find out by its own token.
        }
        finally
        {
            Leave();
        }
    }
}
