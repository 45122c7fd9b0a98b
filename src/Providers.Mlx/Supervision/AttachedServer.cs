namespace Providers.Mlx;

/// <summary>A server that somebody else runs: never started, never ended.</summary>
internal sealed class AttachedServer(Uri endpoint) : IMlxServer
{
    private readonly Task<RunningServer> _server = Task.FromResult(new RunningServer(endpoint));

    public MlxServerStatus? Status => null;

    public Task<RunningServer> WaitReadyAsync(CancellationToken cancellationToken) => _server;

    public void Recycle(RunningServer server, string reason)
    {
        // Not ours to end: its health and the router's circuit keep traffic away.
    }

    public ValueTask DisposeAsync() => default;
}
