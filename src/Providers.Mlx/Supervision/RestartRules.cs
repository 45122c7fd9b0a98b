namespace Providers.Mlx;

/// <summary>The numbers of <see cref="RestartPolicy"/>.</summary>
internal sealed record RestartRules(TimeSpan Delay, TimeSpan MaxDelay, int MaxRestarts, TimeSpan Window, TimeSpan HealthyReset);
