namespace Providers.Simulation;

/// <summary>What is wrong with a canary, and with the world around it.</summary>
/// <param name="Name">Its name in the output.</param>
/// <param name="Errors">The canary's share of failures beyond everybody's, by minute.</param>
/// <param name="Slowness">How many times everybody's latency the canary's is.</param>
/// <param name="SlowShare">The share of its answers that are slow.</param>
/// <param name="OutageFrom">The minute at which both arms go down; negative for never.</param>
/// <param name="OutageMinutes">For how long.</param>
internal sealed record CanaryScenario(
    string Name, Func<double, double> Errors, double Slowness = 1, double SlowShare = 1, double OutageFrom = -1, double OutageMinutes = 0)
{
    public bool IsOut(double minute) => OutageFrom >= 0 && minute >= OutageFrom && minute < OutageFrom + OutageMinutes;

    public override string ToString() => Name;
}
