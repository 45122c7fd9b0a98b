namespace Providers.Canary;

/// <summary>What one arm did in a step, and since the last look.</summary>
internal sealed class ArmWindow
{
    public long Requests { get; private set; }

    public long Errors { get; private set; }

    /// <summary>Gets the requests since the last look.</summary>
    public long Lately { get; private set; }

    public long ErrorsLately { get; private set; }

    public LatencyBuckets Latencies { get; } = new();

    public double ErrorRatio => Requests == 0 ? 0 : (double)Errors / Requests;

    public double ErrorRatioLately => Lately == 0 ? 0 : (double)ErrorsLately / Lately;

    /// <param name="latency">In milliseconds; of no account where it failed.</param>
    public void Add(bool failed, double latency)
    {
        Requests++;
        Lately++;
        if (failed)
        {
            Errors++;
            ErrorsLately++;
        }
        else
        {
            Latencies.Add(latency);
        }
    }

    public void Looked()
    {
        Lately = 0;
        ErrorsLately = 0;
    }

    public void Clear()
    {
        Requests = 0;
        Errors = 0;
        Looked();
        Latencies.Clear();
    }
}
