namespace Providers.Mlx;

/// <summary>A launched server at one moment. Immutable, without secrets.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="Endpoint">Where it listens; <see langword="null"/> while it does not.</param>
/// <param name="ProcessId">The process; <see langword="null"/> when none runs.</param>
/// <param name="Restarts">How often it was started again since the provider was made.</param>
/// <param name="LastError">Why it last ended; <see langword="null"/> when it never did.</param>
public sealed record MlxServerStatus(MlxServerState State, Uri? Endpoint, int? ProcessId, int Restarts, string? LastError);
