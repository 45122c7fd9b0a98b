namespace Providers.Mlx;

/// <summary>The server requests go to: one that somebody else runs, or one that is launched here.</summary>
internal interface IMlxServer : IAsyncDisposable
{
    /// <summary>Gets what a launched server is doing; <see langword="null"/> for one that is only attached to.</summary>
    MlxServerStatus? Status { get; }

    /// <summary>Starts the server where that is ours to do, and ends when it generates.</summary>
    /// <exception cref="MlxServerException">It does not start.</exception>
    Task<RunningServer> WaitReadyAsync(CancellationToken cancellationToken);

    /// <summary>Replaces a server that does not generate any more; does nothing when it was replaced already or is not ours.</summary>
    void Recycle(RunningServer server, string reason);
}
