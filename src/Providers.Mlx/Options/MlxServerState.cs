namespace Providers.Mlx;

/// <summary>What a launched server is doing.</summary>
public enum MlxServerState
{
    /// <summary>Not started, or stopped for good; the first request starts it.</summary>
    Stopped = 0,

    /// <summary>The process runs and loads its model.</summary>
    Starting,

    /// <summary>The model generates.</summary>
    Ready,

    /// <summary>The server ended or was ended, and starts again after a wait.</summary>
    Restarting,

    /// <summary>The server does not start any more until <see cref="MlxProvider.RestartServerAsync"/> is called.</summary>
    Faulted,
}
