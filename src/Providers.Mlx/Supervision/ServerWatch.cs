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

    /// <summary>Asks after a request that waited in vain; a server whose other answers go on is not disturbed.</summary>
    public Task<ProbeResult> SuspectStalledAsync(RunningServer suspect, CancellationToken stop) =>
        activity.SinceLastByte < limits.Quiet ? Task.FromResult(new ProbeResult(ProbeOutcome.Generates)) : SuspectDroppedAsync(suspect, stop);

    /// <summary>Asks after a request whose connection was closed: bytes of a moment ago prove nothing of now. One probe serves all who ask meanwhile.</summary>
    public Task<ProbeResult> SuspectDroppedAsync(RunningServer suspect, CancellationToken stop)
    {
        lock (_lock)
        {
            return _probe = _probe.IsCompleted ? ProbeAsync(suspect, stop) : _probe;
        }
    }

    /// <summary>Probes an idle server.</summary>
    public Task<ProbeResult> AskAsync(Uri endpoint, CancellationToken cancellationToken) =>
        probe.AskAsync(endpoint, limits.Probe, cancellationToken);

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
