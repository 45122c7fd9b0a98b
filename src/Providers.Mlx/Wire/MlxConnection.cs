namespace Providers.Mlx;

/// <summary>The way to one server: waits until it can serve, limits how many requests are under way, and knows how they do. Safe for concurrent use.</summary>
internal sealed class MlxConnection : IAsyncDisposable
{
    private readonly IMlxServer _server;
    private readonly SemaphoreSlim _gate;
    private readonly TimeSpan _startupWait;
    private readonly string _provider;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;

    public MlxConnection(IMlxServer server, ServerWatch watch, ServerActivity activity, MlxPlan plan, TimeProvider clock)
    {
        _server = server;
        Watch = watch;
        Activity = activity;
        _gate = new SemaphoreSlim(plan.MaxConcurrency);
        _startupWait = plan.StartupWait;
        _provider = plan.Name;
        _clock = clock;
        _stopped = _stop.Token; // a source that is disposed gives none
    }

    public ServerActivity Activity { get; }

    public ServerWatch Watch { get; }

    public MlxServerStatus? Status => _server.Status;

    /// <summary>Waits for a place and then for the server, which may have been replaced meanwhile; the caller must <see cref="Leave"/>.</summary>
    /// <exception cref="ProviderException">The server does not start, or not within the wait.</exception>
    public async Task<RunningServer> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RunningServer running = await ReadyAsync(cancellationToken).ConfigureAwait(false);
            Activity.Enter();
            return running;
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    public void Leave()
    {
        Activity.Leave();
        _gate.Release();
    }

    /// <summary>Asks whether a server that kept a request waiting still generates; one that does not is replaced.</summary>
    public Task<ProbeResult> SuspectStalledAsync(RunningServer running) => Watch.SuspectStalledAsync(running, _stopped);

    /// <summary>Asks whether a server that closed a connection without an answer still generates; one that does not is replaced.</summary>
    public Task<ProbeResult> SuspectDroppedAsync(RunningServer running) => Watch.SuspectDroppedAsync(running, _stopped);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await ((Task)Watch.Idle).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task<RunningServer> ReadyAsync(CancellationToken cancellationToken)
    {
        Task<RunningServer> ready = _server.WaitReadyAsync(cancellationToken);
        try
        {
            return await ready.WaitAsync(_startupWait, _clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _ = ready.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default); // nobody waits for it any more
            string error = Status?.LastError is { } last ? $" It last ended with: {last}" : "";
            throw new ProviderException(new ProviderFailure(FailureKind.ModelLoading,
                $"The server is still {Status?.State.ToString().ToLowerInvariant()} after the {_startupWait.TotalSeconds:F1} s of StartupWait.{error}"), _provider);
        }
        catch (MlxServerException e)
        {
            throw new ProviderException(new ProviderFailure(e.Kind, e.Message), _provider, null, e);
        }
        catch (PlatformNotSupportedException e)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, e.Message), _provider, null, e);
        }
    }
}
