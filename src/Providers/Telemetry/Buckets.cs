using System.Diagnostics.Metrics;

namespace Providers.Telemetry;

/// <summary>The bucket boundaries of our histograms; those of the GenAI conventions where they have any.</summary>
internal static class Buckets
{
    /// <summary>Seconds of a model operation.</summary>
    public static readonly InstrumentAdvice<double> Operation = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };

    /// <summary>Tokens of one request: powers of four.</summary>
    public static readonly InstrumentAdvice<long> Tokens = new()
    {
        HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864],
    };
}
