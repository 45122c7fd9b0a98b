namespace Providers.Gateway.Benchmarks;

/// <summary>What was seen of one target in all of its rounds together.</summary>
internal sealed class Sample
{
    private readonly List<double> _times = [];
    private TimeSpan _elapsed;
    private TimeSpan _worked;

    /// <param name="times">Of each request, in microseconds.</param>
    /// <param name="elapsed">How long the round took.</param>
    /// <param name="worked">Processor time the answering process used in it.</param>
    public void Add(IEnumerable<double> times, TimeSpan elapsed, TimeSpan worked)
    {
        _times.AddRange(times);
        _elapsed += elapsed;
        _worked += worked;
    }

    public Measurement Measured()
    {
        if (_times.Count == 0)
        {
            throw new InvalidOperationException($"No request was answered within {_elapsed.TotalSeconds:F1} s.");
        }

        _times.Sort();
        return new Measurement(_times.Count / _elapsed.TotalSeconds, _times[(int)(_times.Count * 0.5)], _times[(int)(_times.Count * 0.99)], _worked.TotalMicroseconds / _times.Count);
    }
}

/// <param name="PerSecond">Requests a second.</param>
/// <param name="P50">The median time to the whole answer, in microseconds.</param>
/// <param name="P99">The 99th percentile, in microseconds.</param>
/// <param name="Processor">Processor time of the process that answered, in microseconds a request: what a busy machine does not blur.</param>
internal sealed record Measurement(double PerSecond, double P50, double P99, double Processor)
{
    public override string ToString() => FormattableString.Invariant($"{PerSecond:F0}/s p50 {P50:F0} p99 {P99:F0} cpu {Processor:F0} us");
}
