using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>Starts a server, watches its process, starts it again after a growing wait, and gives up when that does not help.</summary>
internal sealed class MlxSupervisor : IMlxServer
{
    private const int PortAttempts = 3;

    private readonly LaunchPlan _plan;
    private readonly Readiness _readiness;
    private readonly ServerActivity _activity;
    private readonly LeaseStore? _leases;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource<RunningServer> _ready = NewSource<RunningServer>();
    private TaskCompletionSource<string> _recycle = NewSource<string>();
    private RunningServer? _running;
    private volatile MlxServerStatus _status = new(MlxServerState.Stopped, null, null, 0, null);
    private Task _loop = Task.CompletedTask;
    private bool _disposed;

    public MlxSupervisor(LaunchPlan plan, OneTokenProbe probe, ServerActivity activity, ILogger logger, TimeProvider clock)
    {
        _plan = plan;
        _readiness = new Readiness(plan, probe, clock);
        _activity = activity;
        _leases = plan.StateDirectory is null ? null : new LeaseStore(plan.StateDirectory, plan.Name, logger);
        _logger = logger;
        _clock = clock;
    }

    public MlxServerStatus Status => _status;

    /// <summary>Starts the server unless it runs, starts, or is faulted.</summary>
    public void Start()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_status.State is MlxServerState.Stopped)
            {
                Launch();
            }
        }
    }

    public Task<RunningServer> WaitReadyAsync(CancellationToken cancellationToken)
    {
        Start();
        lock (_lock)
        {
            return _ready.Task.WaitAsync(cancellationToken);
        }
    }

    public void Recycle(RunningServer server, string reason)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_running, server))
            {
                Renew();
                _status = _status with { State = MlxServerState.Restarting, Endpoint = null };
                _recycle.TrySetResult(reason);
            }
        }
    }

    /// <summary>Starts a faulted server with a clean slate, or replaces the one that runs.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_running is { } running)
            {
                Recycle(running, "a restart was asked for");
            }
            else if (_status.State is MlxServerState.Faulted or MlxServerState.Stopped)
            {
                Renew();
                Launch();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task loop;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            loop = _loop;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _status = _status with { State = MlxServerState.Stopped, Endpoint = null, ProcessId = null };
        _ready.TrySetException(new ObjectDisposedException(_plan.Name, $"MLX provider '{_plan.Name}' was disposed."));
        _ = _ready.Task.Exception; // observed: nobody may be waiting
        _stop.Dispose();
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the lock.
    private void Launch()
    {
        _status = _status with { State = MlxServerState.Starting };
        _loop = Task.Run(RunAsync);
    }

    // Under the lock. Who waits from here on waits for the next run.
    private void Renew()
    {
        _running = null;
        if (_ready.Task.IsCompleted)
        {
            _ready = NewSource<RunningServer>();
        }
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        RestartPolicy policy = new(_plan.Restarts, _clock, new Random(_plan.Seed));
        try
        {
            await Preflight.CheckAsync(_plan, _logger, stop).ConfigureAwait(false);
            _leases?.EndLeftovers();
            while (true)
            {
                ServerEnd end = await RunOnceAsync(stop).ConfigureAwait(false);
                _logger.Ended(_plan.Name, end.Why.Message);
                if (end.Why.IsPermanent || policy.Next(end.ReadyFor) is not { } wait)
                {
                    string more = end.Why.IsPermanent
                        ? "Starting it again would not help: mend the cause, then call RestartServerAsync."
                        : $"It needed more than {_plan.Restarts.MaxRestarts} restarts in {_plan.Restarts.Window.TotalMinutes:F0} min: mend the cause, then call RestartServerAsync.";
                    Fault(end.ToException(_plan.Name, more));
                    return;
                }

                int restart = _status.Restarts + 1;
                _status = new MlxServerStatus(MlxServerState.Restarting, null, null, restart, end.Why.Message);
                _logger.Restarting(_plan.Name, wait.TotalSeconds, restart);
                await Task.Delay(wait, _clock, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _logger.Stopped(_plan.Name);
        }
        catch (Exception e)
        {
            Fault(e);
        }
    }

    private void Fault(Exception reason)
    {
        lock (_lock)
        {
            Renew();
            _status = new MlxServerStatus(MlxServerState.Faulted, null, null, _status.Restarts, reason.Message);
            _ready.TrySetException(reason);
            _ = _ready.Task.Exception;
        }

        _logger.Faulted(_plan.Name, reason.Message);
    }

    private async Task<ServerEnd> RunOnceAsync(CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            bool chosen = _plan.Port is 0;
            int port = chosen ? PortPicker.Pick() : _plan.Port;
            if (!chosen && !PortPicker.IsFree(port))
            {
                return ServerEnd.Of(FailureKind.ConnectionLost, $"Port {port} is taken by another process: end that one, attach to it with BaseUrl, or set Launch:Port to 0.");
            }

            ServerEnd end = await RunProcessAsync(port, stop).ConfigureAwait(false);
            if (!end.Why.IsPortClash || !chosen || attempt is PortAttempts)
            {
                return end;
            }

            _logger.PortTaken(_plan.Name, port);
        }
    }

    private async Task<ServerEnd> RunProcessAsync(int port, CancellationToken stop)
    {
        Uri endpoint = _plan.EndpointAt(port);
        long started = _clock.GetTimestamp();
        ServerProcess process = ServerProcess.Start(_plan, port, _logger, _clock);
        try
        {
            _leases?.Write(process.Id);
            _status = _status with { State = MlxServerState.Starting, ProcessId = process.Id };
            _logger.Starting(_plan.Name, process.Id, endpoint);
            if (await _readiness.WaitAsync(process, endpoint, stop).ConfigureAwait(false) is { } failed)
            {
                return failed;
            }

            _leases?.Write(process.Id);
            Task<string> recycle = BecomeReady(endpoint);
            double seconds = _clock.GetElapsedTime(started).TotalSeconds;
            _logger.Ready(_plan.Name, endpoint, seconds);
            return await ServeAsync(process, recycle, stop).ConfigureAwait(false);
        }
        finally
        {
            await process.DisposeAsync().ConfigureAwait(false);
            _leases?.Clear();
        }
    }

    private Task<string> BecomeReady(Uri endpoint)
    {
        lock (_lock)
        {
            _activity.Reset();
            _running = new RunningServer(endpoint);
            _recycle = NewSource<string>();
            _status = _status with { State = MlxServerState.Ready, Endpoint = endpoint };
            _ready.TrySetResult(_running);
            return _recycle.Task;
        }
    }

    private async Task<ServerEnd> ServeAsync(ServerProcess process, Task<string> recycle, CancellationToken stop)
    {
        long ready = _clock.GetTimestamp();
        await Task.WhenAny(process.Exited, recycle).WaitAsync(stop).ConfigureAwait(false);
        TimeSpan readyFor = _clock.GetElapsedTime(ready);
        lock (_lock)
        {
            Renew();
            _status = _status with { State = MlxServerState.Restarting, Endpoint = null };
        }

        if (process.Exited.IsCompleted)
        {
            return ServerEnd.OfExit(await process.Exited.ConfigureAwait(false), process.Output, readyFor);
        }

        string reason = await recycle.ConfigureAwait(false);
        _logger.Recycling(_plan.Name, reason);
        await process.StopAsync().ConfigureAwait(false);
        return ServerEnd.Of(FailureKind.TimedOut, $"It was ended because {reason}.", process.Output, readyFor);
    }
}
