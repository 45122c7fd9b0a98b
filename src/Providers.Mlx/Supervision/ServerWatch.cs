using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>Finds out whether a server that kept a request waiting, or dropped it, still generates, and has a dead one replaced.</summary>
internal sealed class ServerWatch(IMlxServer server, OneTokenProbe probe, ServerActivity activity, WatchLimits limits, string provider, ILogger logger)
{
    private readonly Lock _lock = new();
    private Task<ProbeResult> _probe = Task.FromResult(new ProbeResult(ProbeOutcome.Generates));

    /// <summary>Ends when the probe under way, if any, has ended.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock)
            {
                return _probe;
            }
        }
    }

    /// <summary>Probes once for everybody who asks at the same time; a server whose other answers go on is not disturbed.</summary>
    public Task<ProbeResult> SuspectAsync(RunningServer suspect, CancellationToken stop)
    {
        lock (_lock)
        {
            if (!_probe.IsCompleted)
            {
                return _probe;
            }

            return _probe = activity.SinceLastByte < limits.Quiet
                ? Task.FromResult(new ProbeResult(ProbeOutcome.Generates))
                : ProbeAsync(suspect, stop);
        }
    }

    /// <summary>Probes an idle server.</summary>
    public Task<ProbeResult> AskAsync(RunningServer running, CancellationToken cancellationToken) =>
        probe.AskAsync(running.Endpoint, limits.Probe, cancellationToken);

    private async Task<ProbeResult> ProbeAsync(RunningServer suspect, CancellationToken stop)
    {
        ProbeResult result = await probe.AskAsync(suspect.Endpoint, limits.Probe, stop).ConfigureAwait(false);
        logger.Suspected(provider, result.ToString());
        if (!result.IsAlive)
        {
            server.Recycle(suspect, $"a request got no answer, and the one-token probe after it found that {result}");
        }

        return result;
    }
}
