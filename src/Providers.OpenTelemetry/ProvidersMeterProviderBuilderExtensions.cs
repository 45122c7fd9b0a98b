using Providers.OpenTelemetry;

namespace OpenTelemetry.Metrics;

/// <summary>Adds the suite's metrics.</summary>
public static class ProvidersMeterProviderBuilderExtensions
{
    /// <summary>Collects the metrics of every package of the suite that runs in this process. Their histograms bring their own buckets.</summary>
    /// <param name="builder">OpenTelemetry's builder.</param>
    /// <returns>The builder.</returns>
    public static MeterProviderBuilder AddProvidersInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(Instrumentation.Names);
    }
}
