namespace Providers.Canary;

/// <summary>One side of a comparison, as a request carries it: where its first outcome is reported. Safe for concurrent use.</summary>
internal sealed class CanaryArm(CanaryState state, bool isCanary)
{
    public bool IsCanary { get; } = isCanary;

    public void Served(long started, long latency) => state.Record(IsCanary, failed: false, started, latency);

    public void Failed(long started, long latency) => state.Record(IsCanary, failed: true, started, latency);
}
