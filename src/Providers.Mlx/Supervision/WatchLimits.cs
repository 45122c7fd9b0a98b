namespace Providers.Mlx;

/// <summary>The limits of <see cref="ServerWatch"/>.</summary>
/// <param name="Probe">How long a probe may take.</param>
/// <param name="Quiet">A byte younger than this came for another request than the one that timed out, so the server generates; well below every limit, as timers may fire a little early.</param>
internal sealed record WatchLimits(TimeSpan Probe, TimeSpan Quiet);
